import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareNames, EVERYTHING, grantedSpans, intersect, type Span, spanOf, spanUnder, unite } from './spans.ts'

const name = fc.string({ unit: fc.constantFrom('a', 'b', '/', '\ud7ff', '\ue000', '\u{10000}', '\u{10ffff}'), maxLength: 4 })
const holds = (spans: readonly Span[], text: string) =>
  spans.filter(({ from, till }) => compareNames(from, text) <= 0 && compareNames(text, till) < 0).length

test('names compare as their bytes do', () => {
  fc.assert(
    fc.property(name, name, (a, b) => {
      expect(Math.sign(compareNames(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)))
    }),
  )
})

test('spans unite and intersect as the sets of names that they are', () => {
  const span = fc.oneof(
    name.map(spanOf),
    name.map(spanUnder),
    fc.tuple(name, name).map(([from, till]) => ({ from, till })),
  )
  fc.assert(
    fc.property(fc.array(span), fc.array(span), name, (a, b, text) => {
      const [left, right] = [unite(a), unite(b)]
      expect(holds(left, text)).toBe(Math.min(1, holds(a, text)))
      expect(holds(intersect(left, right), text)).toBe(holds(left, text) * holds(right, text))
      expect(intersect(left, [EVERYTHING])).toEqual(left)
    }),
  )
})

test('a prefix spans the names that begin with it', () => {
  fc.assert(
    fc.property(name, name, (prefix, text) => {
      expect(holds([spanUnder(prefix)], text) === 1).toBe(text.startsWith(prefix))
    }),
  )
})

test('the closest path decides about a name', () => {
  const paths = fc.uniqueArray(
    fc.record({ name: name.filter((text) => text !== ''), granted: fc.boolean(), folder: fc.boolean() }),
    { selector: ({ name }) => name },
  )
  fc.assert(
    fc.property(paths, name, (all, text) => {
      const parts = text.split('/')
      const upwards = [text]
      for (let depth = parts.length - 1; depth > 0; depth -= 1) {
        const path = parts.slice(0, depth).join('/')
        if (path !== '' || depth > 1) upwards.push(`${path}/`, path)
      }
      const found = upwards.flatMap((path) => all.filter((each) => each.name === path && (path === text || each.folder)))
      expect(holds(grantedSpans(all), text)).toBe(found[0]?.granted ? 1 : 0)
    }),
    { numRuns: 1000 },
  )
})
