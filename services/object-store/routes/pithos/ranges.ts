import { Fault } from '@synnefo/lib/fault'

/** Bytes `first` to `last`, both included. */
export interface Range {
  first: number
  last: number
}

const AT_MOST = 100

/** The ranges asked for; undefined when the header is absent or makes no sense, which is then ignored. */
export function readRanges(header: string | undefined, size: number): Range[] | undefined {
  const list = /^bytes=(.+)$/.exec(header?.replaceAll(' ', '') ?? '')?.[1]
  if (list === undefined) return undefined
  const forms = list.split(',').map((form) => /^(\d*)-(\d*)$/.exec(form))
  if (forms.some((form) => !form || (form[1] === '' && form[2] === ''))) return undefined
  const ranges = forms.map((form) => {
    const [, first = '', last = ''] = form!
    if (first === '') return { first: size - Number(last), last: size - 1 }
    return { first: Number(first), last: last === '' ? Number.POSITIVE_INFINITY : Number(last) }
  })
  if (ranges.some(({ first, last }, i) => forms[i]![1] !== '' && first > last)) return undefined
  if (ranges.length > AT_MOST) throw unsatisfiable(`More than ${AT_MOST} ranges are asked for.`, size)
  return ranges.map(({ first, last }) => {
    const end = last === Number.POSITIVE_INFINITY ? size - 1 : last
    if (first < 0 || first > end || end >= size)
      throw unsatisfiable('A range is empty or goes beyond the end of the object.', size)
    return { first, last: end }
  })
}

function unsatisfiable(message: string, size: number): Fault {
  return new Fault('rangeNotSatisfiable', message, { headers: { 'Content-Range': `bytes */${size}` } })
}
