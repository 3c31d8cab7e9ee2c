// The mounted image as the tasks see it. Every path is resolved inside the image, links included.
import { posix } from 'node:path'
import { DeployFailed } from './interface.ts'
import type { Answer, Machine } from './machine.ts'

export interface FileAccess {
  mode?: number
  owner?: { uid: number; gid: number }
}

export interface GuestRoot {
  /** The contents of an ordinary file; undefined when there is none. */
  read(path: string): Promise<Buffer | undefined>
  /** Which of these paths lead to something. */
  existing(...paths: string[]): Promise<Set<string>>
  /** Writes a file and makes the folders above it. Without `access` an existing file keeps its own, a new one is 0644 of root. */
  write(path: string, contents: string | Uint8Array, access?: FileAccess): Promise<void>
  /** Makes a folder, unless it is there. */
  makeFolder(path: string, access: FileAccess): Promise<void>
  /** Makes the folders above a path. */
  makeParents(path: string, mode: number): Promise<void>
  link(path: string, target: string): Promise<void>
  /** Removes files that match shell patterns. */
  remove(...patterns: string[]): Promise<void>
  /** Moves a file out of the way; no error when there is none. */
  rename(path: string, newPath: string): Promise<void>
  /** Runs a shell script inside the image. */
  run(script: string, input?: Uint8Array): Promise<Answer>
}

const ABSENT = 66
const UNUSABLE = 67

export function openGuestRoot(machine: Machine): GuestRoot {
  async function must(script: string, about: string, input?: Uint8Array): Promise<void> {
    const { status, errors } = await machine.run('image', script, input)
    if (status === UNUSABLE) throw new DeployFailed(`${about} in the image is not an ordinary file.`)
    if (status !== 0) throw new DeployFailed(`${about} in the image could not be changed.`, errors)
  }
  return {
    async read(path) {
      const file = quote(path)
      const { status, output, errors } = await machine.run('image', `[ -f ${file} ] || exit ${ABSENT}; cat ${file}`)
      if (status === ABSENT) return undefined
      if (status !== 0) throw new DeployFailed(`${path} in the image could not be read.`, errors)
      return output
    },
    async existing(...paths) {
      const { output } = await machine.run(
        'image',
        paths.map((path, index) => `[ -e ${quote(path)} ] && echo ${index}`).join('\n'),
      )
      const found = output.toString('latin1').split('\n')
      return new Set(paths.filter((_, index) => found.includes(`${index}`)))
    },
    async write(path, contents, access) {
      const file = quote(path)
      const folder = quote(posix.dirname(path))
      // A device or pipe in the place of the file would swallow what is written, or wait for a reader for ever.
      const ordinary = `[ ! -e ${file} ] || [ -f ${file} ] || exit ${UNUSABLE}`
      const secret = access?.mode === undefined ? 'umask 022' : 'umask 077'
      const steps = [`mkdir -p ${folder}`, ordinary, `(${secret}; cat >${file})`, ...accessCommands(file, access)]
      await must(steps.join(' && '), path, Buffer.from(contents as Uint8Array))
    },
    makeFolder: (path, access) => {
      const folder = quote(path)
      return must(`[ -d ${folder} ] || { ${[`mkdir ${folder}`, ...accessCommands(folder, access)].join(' && ')}; }`, path)
    },
    makeParents: (path, mode) => {
      const mask = (0o777 & ~mode).toString(8)
      return must(`(umask ${mask}; mkdir -p ${quote(posix.dirname(path))})`, posix.dirname(path))
    },
    link: (path, target) => must(`mkdir -p ${quote(posix.dirname(path))} && ln -sf ${quote(target)} ${quote(path)}`, path),
    remove: (...patterns) => must(`rm -f ${patterns.join(' ')}`, patterns.join(', ')),
    rename: (path, newPath) => {
      const file = quote(path)
      return must(`[ ! -d ${file} ] || exit ${UNUSABLE}; [ ! -e ${file} ] || mv ${file} ${quote(newPath)}`, path)
    },
    run: (script, input) => machine.run('image', script, input),
  }
}

function accessCommands(quotedPath: string, { mode, owner }: FileAccess = {}): string[] {
  const commands: string[] = []
  if (owner) commands.push(`chown ${owner.uid}:${owner.gid} ${quotedPath}`)
  if (mode !== undefined) commands.push(`chmod ${mode.toString(8)} ${quotedPath}`)
  return commands
}

/** A word of a shell script that is exactly this text. */
export function quote(text: string): string {
  if (text.includes('\0')) throw new DeployFailed('A file name holds a NUL character.')
  return `'${text.replaceAll("'", "'\\''")}'`
}
