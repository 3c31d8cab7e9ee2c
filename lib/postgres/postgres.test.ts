import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { chmod } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { tryLock } from '../file-lock/index.ts'
import { temporaryFolder, until } from '../testing/index.ts'
import { serverUser } from '../testing/server-user.ts'
import { openPostgres, type PostgresOptions } from './index.ts'

test('an initdb that outlives its caller is waited for', async ({ onTestFinished }) => {
  const home = await temporaryFolder(onTestFinished)
  await chmod(home, 0o755)
  const options: PostgresOptions = { folder: join(home, 'server'), socketFolder: join(home, 'run'), ...serverUser() }
  const preparing = `import { preparePostgres } from '${import.meta.resolve('./index.ts')}'
    await preparePostgres(${JSON.stringify(options)})`
  const caller = spawn(process.execPath, ['--input-type=module-typescript', '-e', preparing], { stdio: 'inherit' })
  const initdb = await until(() => initdbOf(options.folder), { everyMs: 1 })
  process.kill(initdb, 'SIGSTOP')
  caller.kill('SIGKILL')
  await once(caller, 'exit')

  expect(tryLock(join(options.folder, 'data.lock'))).toBeUndefined()
  const serving = openPostgres(options)
  process.kill(initdb, 'SIGCONT')
  await (await serving).close()
})

function initdbOf(folder: string): number | undefined {
  const commandLine = (pid: string) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
    } catch {
      return '' // it ended meanwhile
    }
  }
  const found = readdirSync('/proc').find((name) => /^\d+$/.test(name) && commandLine(name).includes(`initdb\0-D\0${folder}`))
  return found === undefined ? undefined : Number(found)
}
