// Copy-on-write volumes over blocks. A volume is a map over chunks of the cloud's block size; each chunk is
// zero, shared (a block below) or own: pieces written by the guest live in one sparse overlay file per volume,
// and a crash-safe map says which pieces do.

export { VolumeBusy, VolumeExists, VolumeMissing } from './errors.ts'
export { openSimulated } from './simulated.ts'
export { openVolumes, type VolumesOptions } from './volumes.ts'

/** An immutable map of blocks: what an image, a snapshot or an object is made of. */
export interface BlockMap {
  sizeBytes: number
  blockSizeBytes: number
  /** One hash for each started block of `sizeBytes`, in order. */
  hashes: readonly string[]
}

export interface VolumeSpec {
  name: string
  /** Multiple of 512; not smaller than the source's size. */
  sizeBytes: number
  source?: BlockMap
  /** Bytes copied at the first write of a piece: 64 KiB unless said otherwise, 4 KiB suits databases. */
  pieceBytes?: 4096 | 65536
}

export interface VolumeFacts {
  name: string
  sizeBytes: number
  /** Bytes on disk that belong to this volume alone. */
  ownBytes: number
  /** The Unix socket that serves it by NBD now, if any. */
  socketPath?: string
  /** What is wrong with the volume, for people: no space left, a block missing, a disk that fails, files that cannot be read. */
  fault?: string
}

/** Keeps and serves volumes. Every call may be repeated. Names match /^[a-z0-9-]{1,64}$/. */
export interface Volumes {
  /** Durable when it answers. Repeating it with another size or source fails with `VolumeExists`. */
  create(spec: VolumeSpec): Promise<void>
  /** Serves the volume by NBD (export name: the volume's name) and answers the socket's path. Fails with `VolumeMissing` or `VolumeBusy`. */
  serve(name: string): Promise<string>
  /** Flushes and stops serving. Fails, having stopped, when what was written cannot be made durable. */
  release(name: string): Promise<void>
  /** Grows the volume; smaller than now is refused. A served volume tells its new size to clients that connect afterwards. */
  grow(name: string, sizeBytes: number): Promise<void>
  /** Deletes the volume and everything that is its own. No error when it does not exist. Fails with `VolumeBusy` while served. */
  remove(name: string): Promise<void>
  list(): Promise<VolumeFacts[]>
  /** Releases every volume. */
  close(): Promise<void>
}
