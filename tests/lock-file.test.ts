// The lock file installs the same everywhere: npm leaves out the entries of other platforms when it is run over an
// existing node_modules, and `npm ci` refuses such a file; and addresses of a registry do not belong into it.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

interface Entry {
  version?: string
  resolved?: string
  integrity?: string
  link?: boolean
  optional?: boolean
  dependencies?: Record<string, string>
  optionalDependencies?: Record<string, string>
}

const { packages } = JSON.parse(readFileSync(join(import.meta.dirname, '../package-lock.json'), 'utf8')) as {
  packages: Record<string, Entry>
}

test('every dependency has its entry, those of other platforms too', () => {
  const missing = Object.entries(packages).flatMap(([path, { dependencies = {}, optionalDependencies = {} }]) =>
    Object.keys({ ...dependencies, ...optionalDependencies }).filter((name) => !isFound(path, name)),
  )
  expect([...new Set(missing)]).toEqual([])
})

test('every package is pinned by its content, and by no address', () => {
  const external = Object.entries(packages).filter(([path, { link }]) => path.includes('node_modules/') && !link)
  expect(external.length).toBeGreaterThan(100)
  expect(external.filter(([, { version, integrity }]) => !version || !integrity).map(([path]) => path)).toEqual([])
  expect(external.filter(([, { resolved }]) => resolved?.startsWith('http')).map(([path]) => path)).toEqual([])
})

/** As Node.js looks: beside the package, then upwards. */
function isFound(from: string, name: string): boolean {
  for (let at = from; ; at = at.includes('/') ? at.slice(0, at.lastIndexOf('/')) : '') {
    const path = at === '' ? `node_modules/${name}` : `${at}/node_modules/${name}`
    if (packages[path]?.version || packages[path]?.link) return true
    if (at === '') return false
  }
}
