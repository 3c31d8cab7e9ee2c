import { execFile } from 'node:child_process'
import { lstat, mkdtemp, readFile, readlink, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { FileTree } from './file-tree.ts'

const run = promisify(execFile)

test('a tree unpacks from its cpio archive as it was put in', async ({ onTestFinished }) => {
  const folder = await mkdtemp(join(tmpdir(), 'synnefo-tree-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const tree = new FileTree().file('etc/secret', 'odd', 0o600).link('bin/sh', 'busybox').directory('tmp', 0o1777)
  await writeFile(join(folder, 'archive'), tree.cpio())
  await run('sh', ['-c', 'mkdir out && cd out && cpio -i --quiet <../archive'], { cwd: folder })

  expect(await readFile(join(folder, 'out/etc/secret'), 'utf8')).toBe('odd')
  expect((await lstat(join(folder, 'out/etc/secret'))).mode & 0o7777).toBe(0o600)
  expect((await lstat(join(folder, 'out/tmp'))).mode & 0o7777).toBe(0o1777)
  expect(await readlink(join(folder, 'out/bin/sh'))).toBe('busybox')
})

test('parents are made, and a path cannot leave the tree', () => {
  const paths = new FileTree()
    .file('/a/b/../c', '')
    .file('../../d', '')
    .entries()
    .map(({ path }) => path)
  expect(paths).toEqual(['a', 'a/c', 'd'])
})
