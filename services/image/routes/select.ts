// Filters and order of lists (image-api.md §6).
import { Fault } from '@synnefo/lib/fault'
import type { Image } from '../images.ts'

type Value = string | bigint | number

const SORT_KEYS: Record<string, (image: Image) => Value> = {
  id: ({ id }) => id,
  name: ({ name }) => name,
  status: ({ status }) => status,
  size: ({ sizeBytes }) => sizeBytes,
  disk_format: ({ diskFormat }) => diskFormat,
  container_format: ({ containerFormat }) => containerFormat,
  created_at: ({ createdAt }) => createdAt.getTime(),
  updated_at: ({ updatedAt }) => updatedAt.getTime(),
}

/** Those images that the query asks for, in its order. */
export function selectImages(images: readonly Image[], query: Readonly<Record<string, unknown>>): Image[] {
  const text = (name: string) => (typeof query[name] === 'string' ? (query[name] as string) : undefined)
  const sortBy = SORT_KEYS[text('sort_key') ?? 'created_at']
  if (!sortBy) throw new Fault('badRequest', "Invalid 'sort_key'")
  const direction = text('sort_dir') ?? 'desc'
  if (direction !== 'asc' && direction !== 'desc') throw new Fault('badRequest', "Invalid 'sort_dir'")
  const least = readSize(text('size_min'))
  const most = readSize(text('size_max'))
  const is = (name: string, value: string) => text(name) === undefined || text(name) === value
  const chosen = images.filter(
    (image) =>
      is('name', image.name) &&
      is('container_format', image.containerFormat) &&
      is('disk_format', image.diskFormat) &&
      (text('status') === undefined || text('status')!.toUpperCase() === image.status) &&
      (least === undefined || image.sizeBytes >= least) &&
      (most === undefined || image.sizeBytes <= most),
  )
  const sign = direction === 'asc' ? 1 : -1
  return chosen.sort((a, b) => sign * compare(sortBy(a), sortBy(b)) || compare(a.id, b.id))
}

function readSize(text: string | undefined): bigint | undefined {
  if (text === undefined) return undefined
  if (!/^-?\d{1,19}$/.test(text)) throw new Fault('badRequest', 'Malformed request. A size must be a whole number.')
  return BigInt(text)
}

const compare = (a: Value, b: Value) => (a < b ? -1 : a > b ? 1 : 0)
