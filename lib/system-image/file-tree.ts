import { readdir, readFile, stat } from 'node:fs/promises'
import { join, posix } from 'node:path'

export interface TreeEntry {
  /** Without a leading slash. */
  path: string
  /** File type and permissions, as in stat. */
  mode: number
  /** The contents of a file, or the target of a symbolic link. */
  contents: Buffer
}

const DIRECTORY = 0o040000
const FILE = 0o100000
const LINK = 0o120000

/** Files of a small system, held in memory; everything belongs to root. Parents are made as needed, entries come in path order. */
export class FileTree {
  readonly #entries = new Map<string, TreeEntry>()

  directory(path: string, permissions = 0o755): this {
    return this.#add(path, DIRECTORY | permissions, '')
  }

  file(path: string, contents: string | Buffer, permissions = 0o644): this {
    return this.#add(path, FILE | permissions, contents)
  }

  link(path: string, target: string): this {
    return this.#add(path, LINK | 0o777, target)
  }

  /** A file of the host under another name. Links are followed: libraries are wanted by the name that programs ask for. */
  async copy(path: string, hostPath: string, permissions = 0o644): Promise<this> {
    return this.file(path, await readFile(hostPath), permissions)
  }

  /** Everything in a folder of the host; a file that may be executed there may be executed here. */
  async folder(path: string, hostFolder: string): Promise<this> {
    for (const name of await readdir(hostFolder, { recursive: true })) {
      const source = join(hostFolder, name)
      const facts = await stat(source)
      if (facts.isFile()) await this.copy(posix.join(path, name), source, facts.mode & 0o100 ? 0o755 : 0o644)
    }
    return this
  }

  entries(): TreeEntry[] {
    return [...this.#entries.values()].sort((a, b) => (a.path < b.path ? -1 : 1))
  }

  /** A newc cpio archive, as the kernel unpacks it into its first root. The same tree gives the same bytes. */
  cpio(): Buffer {
    const parts = this.entries().map((entry, index) => cpioMember(entry, index + 1))
    return Buffer.concat([...parts, cpioMember({ path: 'TRAILER!!!', mode: 0, contents: Buffer.alloc(0) }, 0)])
  }

  #add(path: string, mode: number, contents: string | Buffer): this {
    const name = posix.relative('/', posix.resolve('/', path))
    const parent = posix.dirname(name)
    if (parent !== '.' && !this.#entries.has(parent)) this.directory(parent)
    this.#entries.set(name, { path: name, mode, contents: Buffer.from(contents as Buffer) })
    return this
  }
}

function cpioMember({ path, mode, contents }: TreeEntry, inode: number): Buffer {
  const name = Buffer.from(`${path}\0`)
  const links = mode >> 12 === DIRECTORY >> 12 ? 2 : 1
  const fields = [inode, mode, 0, 0, links, 0, contents.length, 0, 0, 0, 0, name.length, 0]
  const header = `070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`
  return Buffer.concat([padded(Buffer.concat([Buffer.from(header), name])), padded(contents)])
}

const padded = (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)])
