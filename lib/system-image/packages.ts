// Debian packages as a folder: downloaded by apt, unpacked by dpkg-deb, never installed. The system's package
// lists serve when they are usable; a machine without them (or with stale ones) gets private lists in the cache.
import { type ExecFileOptions, execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { access, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Where these packages lie unpacked over each other, in the newest version that is known. Kept for the next caller. */
export async function packageTree(names: readonly string[], cacheFolder: string): Promise<string> {
  const trees = join(cacheFolder, 'packages')
  await mkdir(trees, { recursive: true })
  const work = await mkdtemp(join(trees, '.new-'))
  try {
    try {
      return await fetchTree(names, trees, work, [])
    } catch {
      return await fetchTree(names, trees, work, await privateLists(cacheFolder))
    }
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/** The package that a meta package such as linux-image-cloud-amd64 stands for now. */
async function resolveMeta(name: string, aptOptions: readonly string[]): Promise<string> {
  if (!/^linux-image-[a-z]/.test(name)) return name
  const { stdout } = await run('apt-cache', [...aptOptions, 'depends', name])
  const real = /Depends: (linux-image-\S+)/.exec(stdout)?.[1]
  if (real === undefined) throw new Error(`The package lists know no kernel behind ${name}`)
  return real
}

async function fetchTree(names: readonly string[], trees: string, work: string, aptOptions: readonly string[]): Promise<string> {
  const packages = await Promise.all(names.map((name) => resolveMeta(name, aptOptions)))
  const apt = (more: readonly string[], options: ExecFileOptions = {}) =>
    run('apt-get', [...aptOptions, '-o', 'APT::Sandbox::User=root', '-qq', 'download', ...more, ...packages], {
      cwd: work,
      ...options,
    })
  const { stdout } = await apt(['--print-uris'])
  const files = String(stdout)
    .trim()
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
  if (files.length < packages.length || files.includes('')) throw new Error(`apt cannot find all of ${packages.join(', ')}`)
  const tree = join(trees, createHash('sha256').update(files.toSorted().join('\n')).digest('hex').slice(0, 20))
  if (await exists(tree)) return tree

  await apt([])
  const unpacked = join(work, 'tree')
  for (const file of await readdir(work)) {
    if (file.endsWith('.deb')) await run('dpkg-deb', ['-x', join(work, file), unpacked])
  }
  await rename(unpacked, tree).catch(async (error) => {
    if (!(await exists(tree))) throw error // somebody else was quicker: theirs is the same
  })
  return tree
}

async function privateLists(cacheFolder: string): Promise<string[]> {
  const state = join(cacheFolder, 'apt')
  await mkdir(join(state, 'lists', 'partial'), { recursive: true })
  await mkdir(join(state, 'archives', 'partial'), { recursive: true })
  const options = ['-o', `Dir::State::lists=${join(state, 'lists')}`, '-o', `Dir::Cache=${state}`]
  await run('apt-get', [...options, '-o', 'APT::Sandbox::User=root', '-qq', 'update'])
  return options
}

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  )
