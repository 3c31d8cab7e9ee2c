// The rooms of the house and their order, read from the code itself.
import { readdirSync, readFileSync } from 'node:fs'
import { join, normalize, relative } from 'node:path'
import { parseSync } from 'oxc-parser'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')

/** Imports point to a room further down this list. */
const ROOMS = ['tests', 'apps', 'clients', 'services', 'engines', 'lib']
/** A service imports services of earlier lines. */
const SERVICES = [['identity'], ['object-store', 'network'], ['image'], ['volume'], ['compute'], ['stats']]

interface Workspace {
  /** From the root, such as services/compute. */
  folder: string
  name: string
}

interface Import {
  from: Workspace
  /** From the root, such as services/compute/index.ts. */
  file: string
  specifier: string
}

const workspaces = listWorkspaces()
const imports = workspaces.flatMap(importsOf)
const internal = imports.flatMap((each) => {
  const to = workspaces.find(({ name }) => each.specifier === name || each.specifier.startsWith(`${name}/`))
  return to ? [{ ...each, to, door: `.${each.specifier.slice(to.name.length)}` }] : []
})
const between = internal.filter(({ from, to }) => from !== to)

test('the walk sees the house', () => {
  expect(workspaces.length).toBeGreaterThan(15)
  expect(between.length).toBeGreaterThan(10)
})

test('imports point down the rooms', () => {
  const wrong = between.filter(({ from, to }) => {
    const isWithin = roomOf(from) === roomOf(to) && ['apps', 'services', 'engines'].includes(ROOMS[roomOf(from)]!)
    return roomOf(from) >= roomOf(to) && !isWithin
  })
  expect(wrong.map(describe)).toEqual([])
})

test('services import only earlier services', () => {
  const rank = ({ folder }: Workspace) => SERVICES.findIndex((line) => line.includes(folder.slice('services/'.length)))
  const services = workspaces.filter(({ folder }) => folder.startsWith('services/'))
  expect(services.filter((service) => rank(service) === -1)).toEqual([])
  const among = between.filter(({ from, to }) => services.includes(from) && services.includes(to))
  expect(among.filter(({ from, to }) => rank(to) >= rank(from)).map(describe)).toEqual([])
})

test('nobody imports in a circle', () => {
  const reaches = (from: Workspace, goal: Workspace, seen = new Set<Workspace>()): boolean =>
    between.some(({ from: at, to }) => at === from && !seen.has(to) && (to === goal || reaches(to, goal, seen.add(to))))
  expect(between.filter(({ from }) => reaches(from, from)).map(describe)).toEqual([])
})

test('services know each other, and clients and the web page know services, by what is meant for them', () => {
  const wrong = between.filter(({ from, to, door, file }) => {
    if (!to.folder.startsWith('services/')) return false
    if (door === './testing' && /[./]test(ing)?\.ts$/.test(file)) return false // tests stand on what other services' tests stand on
    if (from.folder === 'clients' || from.folder === 'apps/web') return !door.startsWith('./wire/')
    return from.folder.startsWith('services/') && door !== '.' && !door.startsWith('./wire/')
  })
  expect(wrong.map(describe)).toEqual([])
})

test('a relative import stays in its workspace', () => {
  const leaving = imports.filter(({ from, file, specifier }) => {
    if (!specifier.startsWith('.')) return false
    const target = normalize(join(file, '..', specifier))
    return relative(from.folder, target).startsWith('..')
  })
  expect(leaving.map(describe)).toEqual([])
})

test('wire files import nothing but TypeBox and each other', () => {
  const wire = imports.filter(({ file }) => /^services\/[^/]+\/wire\//.test(file) && !file.endsWith('.test.ts'))
  const wrong = wire.filter(
    ({ specifier }) => specifier !== 'typebox' && !/^\.\.?\/[^.]/.test(specifier) && !/^@synnefo\/[^/]+\/wire\//.test(specifier),
  )
  expect(wrong.map(describe)).toEqual([])
})

function roomOf({ folder }: Workspace): number {
  return ROOMS.indexOf(folder.split('/')[0]!)
}

function describe({ file, specifier }: Import): string {
  return `${file} imports ${specifier}`
}

function listWorkspaces(): Workspace[] {
  const folders = ROOMS.flatMap((room) => {
    const isOne = readdirSync(join(root, room)).includes('package.json')
    return isOne ? [room] : readdirSync(join(root, room)).map((name) => `${room}/${name}`)
  })
  return folders.map((folder) => ({
    folder,
    name: (JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as { name: string }).name,
  }))
}

function importsOf(from: Workspace): Import[] {
  const sources = readdirSync(join(root, from.folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|tsx)$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((file) => !/(^|\/)(node_modules|dist)\//.test(file))
  return sources.flatMap((file) => specifiersOf(file).map((specifier) => ({ from, file, specifier })))
}

function specifiersOf(file: string): string[] {
  const source = readFileSync(join(root, file), 'utf8')
  const { module } = parseSync(file, source)
  const statements = [
    ...module.staticImports.map(({ moduleRequest }) => moduleRequest.value),
    ...module.staticExports.flatMap(({ entries }) => entries.flatMap(({ moduleRequest }) => moduleRequest?.value ?? [])),
  ]
  // The argument of import() when it is written out; a computed one is nothing that can be read here.
  const dynamic = module.dynamicImports.flatMap(({ moduleRequest }) => {
    const text = source.slice(moduleRequest.start, moduleRequest.end)
    return /^(['"]).*\1$/.test(text) ? [text.slice(1, -1)] : []
  })
  return [...statements, ...dynamic]
}
