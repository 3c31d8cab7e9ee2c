import { execFile } from 'node:child_process'
import { chmod, lutimes, mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { FileTree, TreeEntry } from './file-tree.ts'

const run = promisify(execFile)

/** What boot loaders of the last ten years read; said in full, so that the host's own defaults do not matter. */
const FEATURES = [
  'none,has_journal,ext_attr,resize_inode,dir_index,filetype,extent,64bit,flex_bg',
  'sparse_super,large_file,huge_file,dir_nlink,extra_isize,metadata_csum',
].join(',')

export interface Ext4Options {
  /** Where the file system begins in the file, which must exist and be long enough. */
  offsetBytes: number
  sizeBytes: number
  label: string
  uuid: string
  /** Time of all files, in seconds: a fixed one makes the image repeatable. */
  timeSeconds: number
}

/** Writes an ext4 file system with the tree into a disk image. Owners are set afterwards, so that no root is needed. */
export async function writeExt4(imagePath: string, tree: FileTree, options: Ext4Options): Promise<void> {
  const { offsetBytes, sizeBytes, label, uuid, timeSeconds } = options
  const entries = tree.entries()
  const PATH = `${process.env.PATH}:/usr/sbin:/sbin`
  const env = { ...process.env, PATH, MKE2FS_CONFIG: '/dev/null', E2FSPROGS_FAKE_TIME: String(timeSeconds) }
  const staging = await mkdtemp(join(tmpdir(), 'synnefo-ext4-'))
  try {
    const root = join(staging, 'root')
    await mkdir(root)
    await stage(root, entries, timeSeconds)
    const fixed = ['-U', uuid, '-E', `hash_seed=${uuid},root_owner=0:0,lazy_itable_init=1,offset=${offsetBytes}`]
    const shape = ['-t', 'ext4', '-O', FEATURES, '-b', '4096', '-I', '256', '-i', '16384', '-m', '1', '-L', label]
    await run('mke2fs', ['-q', '-F', ...shape, ...fixed, '-d', root, imagePath, `${Math.floor(sizeBytes / 1024)}k`], { env })
    const script = join(staging, 'owners')
    await writeFile(script, ownersScript(entries, timeSeconds))
    await run('debugfs', ['-w', '-f', script, `${imagePath}?offset=${offsetBytes}`], { env, maxBuffer: 1 << 26 })
  } finally {
    await rm(staging, { recursive: true, force: true })
  }
}

async function stage(root: string, entries: readonly TreeEntry[], timeSeconds: number): Promise<void> {
  for (const { path, mode, contents } of entries) {
    const type = mode & 0o170000
    const target = join(root, path)
    if (type === 0o040000) await mkdir(target)
    else if (type === 0o120000) await symlink(contents.toString(), target)
    else await writeFile(target, contents)
  }
  // Deepest first: making an entry changes the time of its folder, and a folder may forbid us to enter it.
  for (const { path, mode } of entries.toReversed()) {
    const target = join(root, path)
    if ((mode & 0o170000) === 0o120000) await lutimes(target, timeSeconds, timeSeconds)
    else {
      await utimes(target, timeSeconds, timeSeconds)
      await chmod(target, mode & 0o7777)
    }
  }
}

function ownersScript(entries: readonly TreeEntry[], timeSeconds: number): string {
  const fields = {
    uid: 0,
    gid: 0,
    atime: `@${timeSeconds}`,
    ctime: `@${timeSeconds}`,
    mtime: `@${timeSeconds}`,
    crtime: `@${timeSeconds}`,
  }
  const paths = ['/', '/lost+found', ...entries.map(({ path }) => `/${path}`)]
  return paths.flatMap((path) => Object.entries(fields).map(([field, value]) => `sif "${path}" ${field} ${value}\n`)).join('')
}
