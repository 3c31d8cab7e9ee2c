import type { Connection } from './http.ts'

export interface Image {
  id: string
  name: string
  status: 'AVAILABLE' | 'UNAVAILABLE' | 'ERROR' | 'DELETED' | 'UNKNOWN'
  disk_format: string
  container_format: string
  /** Bytes */
  size: number
  /** Hash of the object's block tree, not an MD5. */
  checksum: string
  /** `pithos://<account>/<container>/<path>`, each part percent-encoded. */
  location: string
  created_at: string
  updated_at: string
  is_public: boolean
  is_snapshot: boolean
  owner: string
  properties: Record<string, string>
  description?: string
}

export interface ImageFields {
  name?: string
  diskFormat?: string
  containerFormat?: string
  isPublic?: boolean
  /** A property with an empty value is deleted. */
  properties?: Record<string, string>
}

export interface ObjectAddress {
  account: string
  container: string
  name: string
}

const ROOT = '/cyclades/image/v1.0'

/** The image API (Plankton): an image is an object that carries metadata of its own. */
export type Images = ReturnType<typeof openImages>

export function openImages(cloud: Connection) {
  return {
    listImages: async () => (await cloud.json<{ images: Image[] }>('GET', `${ROOT}/images/detail`)).images,
    registerImage: async (object: ObjectAddress, fields: ImageFields & { name: string }) => {
      const answer = await cloud.send('POST', `${ROOT}/images`, {
        headers: { ...toHeaders(fields), 'X-Image-Meta-Location': toLocation(object) },
      })
      return { id: answer.headers.get('x-image-meta-id') ?? '' }
    },
    updateImage: async (id: string, fields: ImageFields) => {
      await cloud.send('PUT', `${ROOT}/images/${id}`, { headers: toHeaders(fields) })
    },
    /** Takes the image away; the object stays. */
    unregisterImage: async (id: string) => {
      await cloud.send('DELETE', `${ROOT}/images/${id}`)
    },
  }
}

export const toLocation = ({ account, container, name }: ObjectAddress) =>
  `pithos://${encodeURIComponent(account)}/${encodeURIComponent(container)}/${name.split('/').map(encodeURIComponent).join('/')}`

export function fromLocation(location: string): ObjectAddress | undefined {
  const [, account, container, name] = /^pithos:\/\/([^/]+)\/([^/]+)\/(.+)$/.exec(location) ?? []
  if (account === undefined || container === undefined || name === undefined) return undefined
  return { account: decodeURIComponent(account), container: decodeURIComponent(container), name: decodeURIComponent(name) }
}

/** Attributes travel in headers, names and values percent-encoded as UTF-8. */
function toHeaders({ name, diskFormat, containerFormat, isPublic, properties = {} }: ImageFields): Record<string, string> {
  const headers: Record<string, string> = {}
  if (name !== undefined) headers['X-Image-Meta-Name'] = encodeURIComponent(name)
  if (diskFormat !== undefined) headers['X-Image-Meta-Disk-Format'] = diskFormat
  if (containerFormat !== undefined) headers['X-Image-Meta-Container-Format'] = containerFormat
  if (isPublic !== undefined) headers['X-Image-Meta-Is-Public'] = String(isPublic)
  for (const [key, value] of Object.entries(properties)) {
    headers[`X-Image-Meta-Property-${encodeURIComponent(key)}`] = encodeURIComponent(value)
  }
  return headers
}
