import { parseJson, writeJson } from '@synnefo/lib/http'
import { expect, test } from 'vitest'
import type { EntryPage } from '../../store/listings.ts'
import { escapeXml } from './answer.ts'
import { itemsAsJson as bytesOfJson, type ItemOptions, itemsAsText, itemsAsXml } from './object-items.ts'

const NAMES = [
  'plain',
  'a "quoted" name',
  'back\\slash',
  'tab\tand\nline\r',
  '\x01\x1f\x7f\b\f',
  'é ü ß',
  '日本語/ファイル',
  '\u{1f600}\u{10ffff}',
  '\u2028\u2029\ufeff',
  '<&>"\'',
  ',,,',
  'trailing ',
  'x'.repeat(1024),
]

const itemsAsJson = (page: EntryPage, options: ItemOptions) => bytesOfJson(page, options).toString()

/** An object of each name, with a type and a writer that are as odd. */
function pageOf(names: string[], folders?: (string | null)[]): EntryPage {
  const same = <T>(value: T) => names.map(() => value)
  return {
    names,
    folders,
    objects: {
      sizes: names.map((_, i) => String(i === 0 ? 2n ** 63n - 1n : i)),
      hashes: names.map((_, i) => (i === 1 ? '' : 'ab'.repeat(32))),
      checksums: names.map((_, i) => (i % 2 === 0 ? 'cd'.repeat(16) : '')),
      contentTypes: names,
      times: names.map((_, i) => [1322813441565891, 1322813441000000, 1322813441500000, 1][i % 4]!),
      uuids: same('00000000-0000-4000-8000-000000000000'),
      ids: names.map((_, i) => String(9007199254740993n + BigInt(i))),
      modifiers: names,
      availability: same('1'),
      sharing: names.map((name, i) => (i % 2 === 0 ? null : { read: [name], write: ['*'], writes: i % 3 === 0 })),
      links: names.map((name, i) => (i % 3 === 0 ? name : null)),
    },
  }
}

const OPTIONS = { owner: true, md5: false, past: false, linkUrl: (id: string) => `https://cloud.test/public/${id}` }

test.each([
  ['the owner', OPTIONS],
  ['another', { ...OPTIONS, owner: false }],
  ['MD5', { ...OPTIONS, md5: true }],
  ['the past', { ...OPTIONS, past: true }],
])('a page is written as the codec of the cloud would write its items: %s', (_who, options) => {
  const text = itemsAsJson(pageOf(NAMES), options)
  const items = parseJson(text) as { name: string; bytes: number | bigint; hash: string; x_object_version: bigint }[]
  expect(writeJson(items)).toBe(text)
  expect(items.map(({ name }) => name)).toEqual(NAMES)
  expect([items[0]!.bytes, items[0]!.x_object_version]).toEqual([2n ** 63n - 1n, 9007199254740993n])
  expect(items[0]!.hash).toBe(options.md5 ? 'cd'.repeat(16) : 'ab'.repeat(32))
  expect(items[3]!.hash).toBe('ab'.repeat(32))
})

test('times have six decimals in one form and none that say nothing in the other', () => {
  const items = JSON.parse(itemsAsJson(pageOf(NAMES.slice(0, 4)), OPTIONS)) as Record<string, string>[]
  expect(items.map((item) => [item['x_object_version_timestamp'], item['last_modified']])).toEqual([
    ['1322813441.565891', '2011-12-02T08:10:41.565891+00:00'],
    ['1322813441.000000', '2011-12-02T08:10:41+00:00'],
    ['1322813441.500000', '2011-12-02T08:10:41.500000+00:00'],
    ['0.000001', '1970-01-01T00:00:00.000001+00:00'],
  ])
})

test('folders say their names and nothing else, in every form', () => {
  const page = pageOf(['a', 'b/c', 'd/'], [null, 'b/', 'd/'])
  expect(itemsAsText(page)).toBe('a\nb/\nd/\n')
  const items = JSON.parse(itemsAsJson(page, OPTIONS)) as object[]
  expect(items).toMatchObject([{ name: 'a' }, {}, { name: 'd/' }])
  expect(items[1]).toEqual({ subdir: 'b/' })
  expect(itemsAsXml(page, OPTIONS, 'c')).toMatch(/<\/object>\n<subdir name="b\/" \/>\n<object><name>d\/<\/name>/)
  expect(itemsAsJson({ names: [], folders: undefined, objects: undefined }, OPTIONS)).toBe('[]')
})

test('XML says the same as JSON', () => {
  const page = pageOf(NAMES)
  const items = JSON.parse(itemsAsJson(page, OPTIONS).replace(/:(\d{16,})/g, ':"$1"')) as Record<string, unknown>[]
  const elements = items.map((item) =>
    Object.entries(item)
      .map(([name, value]) => `<${name}>${escapeXml(value ?? '')}</${name}>`)
      .join(''),
  )
  const xml = itemsAsXml(page, OPTIONS, 'a & b')
  expect(xml).toBe(
    `<?xml version="1.0" encoding="UTF-8"?>\n<container name="a &amp; b">\n${elements.map((each) => `<object>${each}</object>`).join('\n')}</container>`,
  )
  expect(itemsAsXml(page, OPTIONS, 'photos').split(/\s+/)[4]).toBe('name="photos">') // what an old client looks at
})

test('XML is well-formed and keeps white space, whatever a name holds', () => {
  expect(escapeXml('a\tb\nc\rd')).toBe('a&#9;b&#10;c&#13;d')
  expect(escapeXml('\u0001\u000b\ufffe\uffff<&>"')).toBe('\ufffd\ufffd\ufffd\ufffd&lt;&amp;&gt;&quot;')
  expect(escapeXml('ü☃😀\u007f\ud7ff')).toBe('ü☃😀\u007f\ud7ff')
})

test('a page that takes more room than a page commonly does is written whole', () => {
  const names = Array.from({ length: 50 }, (_, i) => `${i}${'\u{10ffff}"'.repeat(500)}`)
  const items = JSON.parse(itemsAsJson(pageOf(names), OPTIONS)) as { name: string; content_type: string }[]
  expect(items.map(({ name }) => name)).toEqual(names)
  expect(items.at(-1)!.content_type).toBe(names.at(-1))
})
