import { readdir, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { openTerminal, runCommand } from '@synnefo/lib/commands'
import { temporaryFolder } from '@synnefo/lib/testing'
import { expect, test } from 'vitest'
import type { ManageContext } from './define.ts'
import { linkStatic } from './link-static.ts'

test('static files are linked where a web server looks for them, and nothing is done twice', async ({ onTestFinished }) => {
  const folder = await temporaryFolder(onTestFinished)
  const link = join(folder, 'im/cloudbar')
  async function run(...words: string[]) {
    let err = ''
    const errors = {
      write: (text: string) => {
        err += text
      },
    }
    const terminal = openTerminal({ input: Readable.from([]), output: errors, errors })
    const context = async () => ({ settings: { MEDIA_ROOT: folder } }) as unknown as ManageContext
    const status = await runCommand({
      program: 'snf-manage',
      commands: [linkStatic],
      words: ['link_static', ...words],
      terminal,
      context,
    })
    return { status, err }
  }
  expect((await run('--dry-run')).err).toContain(`Would link ${link}`)
  expect(await readdir(folder)).toEqual([])
  expect((await run()).status).toBe(0)
  expect(await readdir(await readlink(link))).toContain('cloudbar.js')
  expect((await run()).err).toContain('already')
  expect((await run('--static-root', join(folder, 'im/cloudbar/cloudbar.js'))).status).toBe(1)
})
