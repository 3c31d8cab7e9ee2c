// The launcher as a person uses it, on a home of the test's own.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type OnTestFinished, temporaryFolder } from '@synnefo/lib/testing'

export interface TestCloud {
  home: string
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

/** Nothing runs yet; whatever is started is stopped and removed when the test ends. */
export async function testCloud(onTestFinished: OnTestFinished): Promise<TestCloud> {
  const home = join(await temporaryFolder(onTestFinished), 'home')
  const run: TestCloud['run'] = async (...words) => {
    const options = { env: { ...process.env, SYNNEFO_HOME: home }, maxBuffer: 16 * 1024 * 1024 }
    try {
      const { stdout, stderr } = await promisify(execFile)(launcher, words, options)
      return { code: 0, output: stdout, errors: stderr }
    } catch (error) {
      const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
      return { code, output: stdout, errors: stderr }
    }
  }
  onTestFinished(async () => void (await run('down', '--servers')))
  return { home, run, status: async () => JSON.parse((await run('status', '--json')).output) as Status }
}
