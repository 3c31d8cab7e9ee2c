// A file as the object store names it: cut into blocks, each called by the hash of its content without trailing zeros.

export type Digest = (bytes: Uint8Array<ArrayBuffer>) => string | Promise<string>

export interface HashOptions {
  signal?: AbortSignal | undefined
  /** Bytes hashed so far. */
  onProgress?: (bytes: number) => void
}

/** The hashes of all blocks, in order. Reads one block at a time, so a file of any size fits. */
export async function hashBlocks(
  file: Blob,
  blockSize: number,
  digest: Digest,
  { signal, onProgress }: HashOptions = {},
): Promise<string[]> {
  const hashes: string[] = []
  for (let start = 0; start < file.size; start += blockSize) {
    signal?.throwIfAborted()
    const block = new Uint8Array(await file.slice(start, start + blockSize).arrayBuffer())
    hashes.push(await digest(withoutTrailingZeros(block)))
    onProgress?.(Math.min(start + blockSize, file.size))
  }
  return hashes
}

export function withoutTrailingZeros(block: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  let end = block.length
  while (end > 0 && block[end - 1] === 0) end -= 1
  return block.subarray(0, end)
}
