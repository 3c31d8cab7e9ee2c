// What of a file can be shown in the page. Pictures, sound and films run no scripts; text is shown as text, whatever it is.
import type { StoredObject } from '@synnefo/clients/object-store'
import type { Row } from './rows.ts'

export type Preview = 'picture' | 'sound' | 'film' | 'text'

/** Larger texts are for other programs. */
export const LARGEST_TEXT = 1024 * 1024

const BY_TYPE: [RegExp, Preview][] = [
  [/^image\/(png|jpeg|gif|webp|avif|bmp|svg\+xml)$/, 'picture'],
  [/^audio\/(mpeg|ogg|wav|x-wav|webm|flac|aac|mp4)$/, 'sound'],
  [/^video\/(mp4|webm|ogg)$/, 'film'],
  [/^text\/|^application\/(json|xml|javascript|yaml|x-yaml|toml|x-sh|sql)$|\+(json|xml)$/, 'text'],
]
/** Browsers do not know every type of the files they send. */
const UNKNOWN = /^application\/octet-stream$|^$/
const TEXT_NAMES =
  /\.(txt|md|markdown|csv|tsv|json|ya?ml|toml|xml|html?|css|[cm]?[jt]sx?|py|rb|go|rs|sh|sql|ini|conf|cfg|log|tex)$/i

export function previewOf({ name, bytes, content_type, available = 1 }: StoredObject): Preview | undefined {
  const type = content_type.split(';')[0]!.trim().toLowerCase()
  const named = UNKNOWN.test(type) && TEXT_NAMES.test(name) ? ('text' as const) : undefined
  const kind = BY_TYPE.find(([pattern]) => pattern.test(type))?.[1] ?? named
  if (available !== 1) return undefined
  return kind === 'text' && bytes > LARGEST_TEXT ? undefined : kind
}

export type FileRow = Row & { kind: 'object' }

/** The pictures before and after one among those that are shown. */
export function neighboursOf(rows: readonly Row[], name: string): { previous?: FileRow; next?: FileRow } {
  const pictures = rows.filter((row): row is FileRow => row.kind === 'object' && previewOf(row.object) === 'picture')
  const at = pictures.findIndex((row) => row.name === name)
  if (at === -1) return {}
  const [previous, next] = [pictures[at - 1], pictures[at + 1]]
  return { ...(previous ? { previous } : {}), ...(next ? { next } : {}) }
}
