import { Fault } from '@synnefo/lib/fault'
import type { Queryable } from '@synnefo/lib/sql'
import { showImage } from './images.ts'

/** What a new server takes from its image. */
export interface ImageForServer {
  id: string
  name: string
  version: bigint
  /** The blocks of its data; null when it has none. */
  mapId: bigint | null
  sizeBytes: bigint
  diskFormat: string
  /** Keys in upper case, as the customisation of images names them. */
  properties: Record<string, string>
}

/** The image with this id, if the viewer may make servers of it. */
export async function imageForServer(db: Queryable, viewer: { userId: string }, id: string): Promise<ImageForServer> {
  const image = await showImage(db, viewer, id)
  if (image.status !== 'AVAILABLE') throw new Fault('badRequest', `Image '${image.name}' is not available yet.`)
  const { name, version, mapId, sizeBytes, diskFormat } = image
  const properties = Object.fromEntries(Object.entries(image.properties).map(([key, value]) => [key.toUpperCase(), value]))
  return { id: image.id, name, version, mapId, sizeBytes, diskFormat, properties }
}
