// Whoever waits for a state with a limit of his own chooses one that a busy machine does not keep: vitest's own waits
// end after a second.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')
/** Also a poll with a limit that it names itself. */
const HASTY = /\bvi\s*\.\s*wait(For|Until)\(|\.poll\([^\n]*\{[^{}\n]*\btimeout: ?\d/
const ROOMS = ['apps', 'clients', 'engines', 'lib', 'services', 'tests']

test('states are waited for by `until` and `expect.poll`, whose patience is one for all', () => {
  const files = ROOMS.flatMap((room) =>
    readdirSync(join(root, room), { recursive: true }).map((path) => join(room, String(path))),
  )
  const sources = files.filter((path) => /\.tsx?$/.test(path) && !path.includes('node_modules/'))
  expect(sources.length).toBeGreaterThan(500)
  const hasty = sources.filter((path) => HASTY.test(readFileSync(join(root, path), 'utf8')))
  expect(hasty).toEqual([])
})
