import { Fault } from '@synnefo/lib/fault'
import type { UpdateRange } from '../../objects/update-data.ts'

/** Where the data of a POST goes: `bytes a-b/T`, `bytes a-/T` with `*` for any total, or for the end two stars. */
export function readContentRange(header: string | undefined): UpdateRange {
  if (header === undefined) throw new Fault('badRequest', 'Content-Range is missing.')
  const [form, first, last, total] = /^bytes +(?:(\d{1,15})-(\d{0,15})\/(\d{1,15}|\*)|\*\/\*)$/.exec(header.trim()) ?? []
  if (form === undefined) throw unsatisfiable('Content-Range is not of the form "bytes 0-9/*" or "bytes */*".')
  if (first === undefined) return { first: undefined, last: undefined, total: undefined }
  const range = { first: Number(first), last: last ? Number(last) : undefined, total: total === '*' ? undefined : Number(total) }
  if (range.last !== undefined && range.first > range.last) throw unsatisfiable('Content-Range ends before it begins.')
  if (range.total !== undefined && Math.max(range.first, range.last ?? 0) >= range.total)
    throw unsatisfiable('Content-Range goes beyond the total that it names.')
  return range
}

function unsatisfiable(message: string): Fault {
  return new Fault('rangeNotSatisfiable', message)
}
