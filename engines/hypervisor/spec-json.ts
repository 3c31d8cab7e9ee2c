// Instance specifications as JSON, for files and for the wire. A map of a large disk is a long list of hashes: their
// bytes travel one behind the other in base64, two thirds of what they are as text in a list.
import type { DeployFile } from '@synnefo/engine-image-deploy'
import type { BlockMap } from '@synnefo/engine-volumes'
import type { DiskSpec, InstanceSpec } from './interface.ts'

/** What only the creation of an instance needs. */
export type Creation = Pick<InstanceSpec, 'disks' | 'customise'>

type JsonMap = Omit<BlockMap, 'hashes'> & { hashes: string }
type JsonDisk = Omit<DiskSpec, 'source'> & { source?: JsonMap }
type JsonFile = Omit<DeployFile, 'contents'> & { contents: string }
type Customise = NonNullable<InstanceSpec['customise']>
type JsonCustomise = Omit<Customise, 'files' | 'cloudUserData'> & { files: JsonFile[]; cloudUserData?: string }
export type JsonCreation = { disks: JsonDisk[]; customise?: JsonCustomise }
export type JsonSpec = Omit<InstanceSpec, keyof Creation> & JsonCreation

const HASH_BYTES = 32

export function encodeCreation({ disks, customise }: Creation): JsonCreation {
  return { disks: disks.map(encodeDisk), ...(customise && { customise: encodeCustomise(customise) }) }
}

export function decodeCreation({ disks, customise }: JsonCreation): Creation {
  return { disks: disks.map(decodeDisk), ...(customise && { customise: decodeCustomise(customise) }) }
}

export function encodeSpec({ disks, customise, ...rest }: InstanceSpec): JsonSpec {
  return { ...rest, ...encodeCreation({ disks, customise }) }
}

export function decodeSpec({ disks, customise, ...rest }: JsonSpec): InstanceSpec {
  return { ...rest, ...decodeCreation({ disks, customise }) }
}

function encodeDisk({ source, ...disk }: DiskSpec): JsonDisk {
  return { ...disk, ...(source && { source: { ...source, hashes: packHashes(source.hashes) } }) }
}

function decodeDisk({ source, ...disk }: JsonDisk): DiskSpec {
  return { ...disk, ...(source && { source: { ...source, hashes: unpackHashes(source.hashes) } }) }
}

function encodeCustomise({ files, cloudUserData, ...rest }: Customise): JsonCustomise {
  const encoded = files.map((file) => ({ ...file, contents: encode(file.contents) }))
  return { ...rest, files: encoded, ...(cloudUserData && { cloudUserData: encode(cloudUserData) }) }
}

function decodeCustomise({ files, cloudUserData, ...rest }: JsonCustomise): Customise {
  const decoded = files.map((file) => ({ ...file, contents: decode(file.contents) }))
  return { ...rest, files: decoded, ...(cloudUserData !== undefined && { cloudUserData: decode(cloudUserData) }) }
}

const encode = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
const decode = (text: string) => Buffer.from(text, 'base64')

function packHashes(hashes: readonly string[]): string {
  return Buffer.from(hashes.join(''), 'hex').toString('base64')
}

function unpackHashes(packed: string): string[] {
  const hex = decode(packed).toString('hex')
  return Array.from({ length: hex.length / (2 * HASH_BYTES) }, (_, index) =>
    hex.slice(index * 2 * HASH_BYTES, (index + 1) * 2 * HASH_BYTES),
  )
}
