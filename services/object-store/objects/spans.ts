// Stretches of names. What somebody may see of a container, what is shared or published in it, and what a query asks for
// are all stretches, so that a listing steps from one to the next and never reads what lies between them.
import { afterPrefix } from '../names.ts'

/** Names from the first up to, not including, the second, in the order of their UTF-8 bytes. */
export interface Span {
  from: string
  till: string
}

/** Comes after every name: one character more than a name may have, each the last that there is. */
const BEYOND = '\u{10ffff}'.repeat(1025)

export const EVERYTHING: Span = { from: '', till: BEYOND }

/** Surrogates stand for the characters that come last in UTF-8. */
function rank(unit: number): number {
  return unit < 0xd800 ? unit : unit < 0xe000 ? unit + 0x2000 : unit - 0x800
}

/** Negative, zero or positive, in the order of UTF-8 bytes. */
export function compareNames(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i += 1) {
    const [left, right] = [a.charCodeAt(i), b.charCodeAt(i)]
    if (left !== right) return rank(left) - rank(right)
  }
  return a.length - b.length
}

const later = (a: string, b: string) => (compareNames(a, b) > 0 ? a : b)
const earlier = (a: string, b: string) => (compareNames(a, b) < 0 ? a : b)
const isEmpty = ({ from, till }: Span) => compareNames(from, till) >= 0

/** The first name after this one. */
export function successor(name: string): string {
  return `${name}\x01`
}

export function spanOf(name: string): Span {
  return { from: name, till: successor(name) }
}

export function spanUnder(prefix: string): Span {
  return { from: prefix, till: afterPrefix(prefix) ?? BEYOND }
}

/** In order, and joined where they touch. */
export function unite(spans: readonly Span[]): Span[] {
  const united: Span[] = []
  for (const span of [...spans].sort((a, b) => compareNames(a.from, b.from))) {
    const last = united.at(-1)
    if (isEmpty(span)) continue
    if (last && compareNames(span.from, last.till) <= 0) last.till = later(last.till, span.till)
    else united.push({ ...span })
  }
  return united
}

/** What lies in both; each of them is in order and free of overlaps. */
export function intersect(a: readonly Span[], b: readonly Span[]): Span[] {
  const both: Span[] = []
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const [left, right] = [a[i]!, b[j]!]
    const span = { from: later(left.from, right.from), till: earlier(left.till, right.till) }
    if (!isEmpty(span)) both.push(span)
    if (compareNames(left.till, right.till) < 0) i += 1
    else j += 1
  }
  return both
}

/** A path that carries permissions. */
export interface SharedPath {
  name: string
  /** The person asked about may read it. */
  granted: boolean
  /** It is a folder, so that what is said of it goes for everything under it too. */
  folder: boolean
}

/** The names about which these paths decide in the person's favour: of all that are on or above a name, the closest decides alone. */
export function grantedSpans(paths: readonly SharedPath[]): Span[] {
  const claims = paths.flatMap(({ name, granted, folder }) => {
    const own = { ...spanOf(name), granted, depth: Number.POSITIVE_INFINITY }
    return folder ? [{ ...spanUnder(under(name)), granted, depth: name.length }, own] : [own]
  })
  // One claim lies within another or beside it. Of two about the same names, the one by the longer path is closer.
  claims.sort((a, b) => compareNames(a.from, b.from) || compareNames(b.till, a.till) || a.depth - b.depth)
  const spans: Span[] = []
  const open: typeof claims = []
  let at = ''
  function advance(to: string) {
    if (open.at(-1)?.granted) spans.push({ from: at, till: to })
    at = to
  }
  for (const claim of [...claims, undefined]) {
    while (open.length > 0 && (!claim || compareNames(open.at(-1)!.till, claim.from) <= 0)) {
      advance(open.at(-1)!.till)
      open.pop()
    }
    if (!claim) break
    advance(claim.from)
    open.push(claim)
  }
  return unite(spans)
}

/** How the names under a folder begin. There is no path above the first slash of a name, so `/` is the folder of `//` alone. */
function under(folder: string): string {
  return folder.endsWith('/') && folder !== '/' ? folder : `${folder}/`
}
