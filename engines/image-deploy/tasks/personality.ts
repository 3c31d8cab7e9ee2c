import { posix } from 'node:path'
import { findId } from '../accounts.ts'
import { DeployFailed, type DeployFile } from '../interface.ts'
import type { Task } from './task.ts'

export const enforcePersonality: Task = {
  name: 'EnforcePersonality',
  mounted: true,
  async run({ job, root }) {
    if (job.files.length === 0) return
    const text = async (path: string) => (await root.read(path))?.toString('latin1') ?? ''
    const [passwd, group] = [await text('/etc/passwd'), await text('/etc/group')]
    for (const file of job.files) {
      const path = posix.normalize(file.path)
      if (!posix.isAbsolute(file.path) || path.endsWith('/'))
        throw new DeployFailed(`This is not the path of a file: ${file.path}`)
      await root.rename(path, `${path}.bak.${timestamp(new Date())}`)
      // Folders that have to be made are for their owner and its group only.
      await root.makeParents(path, 0o750)
      const owner = { uid: idOf('user', passwd, file.owner, file), gid: idOf('group', group, file.group, file) }
      await root.write(path, file.contents, { mode: file.mode ?? 0o440, owner })
    }
  },
}

function idOf(kind: 'user' | 'group', names: string, name: string | undefined, { path }: DeployFile): number {
  if (!name) return 0
  const id = findId(names, name) ?? (/^\d+$/.test(name) ? Number(name) : undefined)
  if (id === undefined) throw new DeployFailed(`The image has no ${kind} ${name}, to whom ${path} should belong.`)
  return id
}

/** YYYYMMDD.HHMMSS in UTC. */
const timestamp = (now: Date) => now.toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '.')

export const runCustomTask: Task = {
  name: 'RunCustomTask',
  mounted: true,
  async run({ properties, root }) {
    const script = properties.text('CUSTOM_TASK')
    if (script === undefined) return
    const { status, errors } = await root.run(
      'cat >/dev/.deploy/custom-task && sh /dev/.deploy/custom-task </dev/null',
      Buffer.from(script, 'base64'),
    )
    if (status !== 0)
      throw new DeployFailed(`The script in the image property CUSTOM_TASK failed with status ${status}.`, errors.slice(-1000))
  },
}
