// The launcher as a person uses it, on a home of the test's own.
import { execFile } from 'node:child_process'
import { chown, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type OnTestFinished, temporaryFolder } from '@synnefo/lib/testing'

export interface TestCloud {
  home: string
  /** What stands for /tmp. */
  temporary: string
  run(...words: string[]): Promise<{ code: number; output: string; errors: string }>
  status(): Promise<Status>
}

export interface Status {
  state: string
  home: string
  urls: Record<string, string>
  processes: { name: string; pid: number; pssBytes: number | null }[]
  trouble: string[]
}

const launcher = join(import.meta.dirname, '../synnefo')

/**
 * Nothing runs yet; whatever is started is stopped and removed when the test ends. With `user`, which takes root, the
 * cloud is this user's.
 */
export async function testCloud(onTestFinished: OnTestFinished, user?: { uid: number; gid: number }): Promise<TestCloud> {
  const folder = await temporaryFolder(onTestFinished)
  const home = join(folder, 'home')
  const temporary = join(folder, 'tmp')
  const settings = join(home, 'settings')
  for (const made of [home, settings, temporary]) await mkdir(made)
  if (user) for (const owned of [folder, home, settings, temporary]) await chown(owned, user.uid, user.gid)
  const asUser = user ? ['setpriv', `--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups'] : []
  const run: TestCloud['run'] = async (...words) => {
    const env = { ...process.env, SYNNEFO_HOME: home, TMPDIR: temporary, ...(user ? { HOME: folder } : {}) }
    const [program, ...rest] = [...asUser, launcher, ...words]
    try {
      const { stdout, stderr } = await promisify(execFile)(program!, rest, { env, maxBuffer: 16 * 1024 * 1024 })
      return { code: 0, output: stdout, errors: stderr }
    } catch (error) {
      const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
      return { code, output: stdout, errors: stderr }
    }
  }
  onTestFinished(async () => {
    if ((await run('down', '--servers')).code === 0) return
    await run('up') // machines ran without a cloud
    await run('down', '--servers')
  })
  async function status(): Promise<Status> {
    const { code, output, errors } = await run('status', '--json')
    if (code !== 0) throw new Error(`status ended with ${code}: ${errors}`)
    return JSON.parse(output) as Status
  }
  return { home, temporary, run, status }
}
