// The lock file installs the same everywhere: npm leaves out the entries of other platforms when it is run over an
// existing node_modules, and `npm ci` refuses such a file; and addresses of a registry do not belong into it.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryFolder } from '@synnefo/lib/testing'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')

interface Entry {
  version?: string
  resolved?: string
  integrity?: string
  link?: boolean
}

const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
  packages: Record<string, Entry>
}

test('npm installs from it without a question', async ({ onTestFinished }) => {
  const folder = await temporaryFolder(onTestFinished)
  for (const file of manifests()) await cp(join(root, file), join(folder, file))
  const npm = spawnSync('npm', ['ci', '--dry-run', '--ignore-scripts', '--offline', '--no-audit'], {
    cwd: folder,
    encoding: 'utf8',
  })
  expect(npm.status === 0 ? '' : npm.stderr).toBe('')
})

test('every package is pinned by its content, and by no address', () => {
  const external = Object.entries(packages).filter(([path, { link }]) => path.includes('node_modules/') && !link)
  expect(external.length).toBeGreaterThan(100)
  expect(external.filter(([, { version, integrity }]) => !version || !integrity).map(([path]) => path)).toEqual([])
  expect(external.filter(([, { resolved }]) => resolved?.startsWith('http')).map(([path]) => path)).toEqual([])
})

/** What npm reads: of the whole and of each workspace. */
function manifests(): string[] {
  const workspaces = Object.keys(packages).filter((path) => path !== '' && !path.includes('node_modules/'))
  return ['package-lock.json', '.npmrc', ...['', ...workspaces].map((folder) => join(folder, 'package.json'))]
}
