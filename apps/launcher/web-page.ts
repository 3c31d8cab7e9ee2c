// The web UI, built when its sources are newer than what was built. The build is kept beside the dependencies, where
// all clouds started from this checkout find it, and copied into the home, where the cloud may read it and keeps it
// when the checkout changes.
import { accessSync, constants, cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { checkout, sourceVersion } from './host/checkout.ts'
import { type Home, makeFolder } from './host/folders.ts'
import { runProgram } from './host/run-program.ts'
import { Refusal } from './refusal.ts'

const SOURCES = ['apps/web', 'clients', 'services', 'lib']

/** Answers the folder of the home that holds the files to serve. */
export async function buildWebPage(home: Home, tell: (line: string) => void): Promise<string> {
  const version = sourceVersion(SOURCES, /\.(tsx?|css|html|svg|png|woff2|json)$/)
  const folders = join(home.folder, 'web')
  const folder = join(folders, version)
  if (existsSync(folder)) return folder
  makeFolder(folders, { mode: 0o755 })
  const shared = join(checkout, 'node_modules/.cache')
  const isShared = existsSync(buildIn(shared, version)) || isWritable(join(checkout, 'node_modules'))
  const built = await findOrBuild(isShared ? shared : home.cache, version, tell)
  keepOnly(folders, [version])
  appear(folder, (draft) => cpSync(built, draft, { recursive: true }))
  return folder
}

const buildIn = (cache: string, version: string) => join(cache, 'synnefo-web', version)

async function findOrBuild(cache: string, version: string, tell: (line: string) => void): Promise<string> {
  const built = buildIn(cache, version)
  if (existsSync(built)) return built
  tell('building the web UI')
  const folders = dirname(built)
  mkdirSync(folders, { recursive: true })
  const draft = `${built}.${process.pid}.new`
  const code = await runProgram([process.execPath, join(checkout, 'apps/web/build.ts'), '--out', draft], { quiet: true })
  if (code !== 0) throw new Refusal('the web UI could not be built (see above)')
  keepOnly(folders, [version])
  renameIfFirst(draft, built)
  return built
}

/** Makes a folder appear as a whole under its name. When two make the same at once, the first one stays. */
function appear(folder: string, fill: (draft: string) => void): void {
  const draft = `${folder}.${process.pid}.new`
  fill(draft)
  renameIfFirst(draft, folder)
}

function renameIfFirst(draft: string, folder: string): void {
  try {
    renameSync(draft, folder)
  } catch (error) {
    rmSync(draft, { recursive: true, force: true })
    if (!existsSync(folder)) throw error
  }
}

/** Removes builds of earlier versions; a browser that still shows one loads the page again. */
function keepOnly(folders: string, names: string[]): void {
  for (const name of readdirSync(folders)) {
    const isOld = !names.includes(name) && !name.endsWith('.new')
    if (isOld) rmSync(join(folders, name), { recursive: true, force: true })
  }
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK)
    return true
  } catch {
    return false
  }
}
