import { readdir, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { runLine, temporaryFolder } from '@synnefo/lib/testing'
import { expect, test } from 'vitest'
import type { ManageContext } from './define.ts'
import { linkStatic } from './link-static.ts'

test('static files are linked where a web server looks for them, and nothing is done twice', async ({ onTestFinished }) => {
  const folder = await temporaryFolder(onTestFinished)
  const link = join(folder, 'im/cloudbar')
  const context = { settings: { MEDIA_ROOT: folder } } as unknown as ManageContext
  const run = (...words: string[]) => runLine({ commands: [linkStatic], context, line: ['link_static', ...words] })
  expect((await run('--dry-run')).err).toContain(`Would link ${link}`)
  expect(await readdir(folder)).toEqual([])
  expect((await run()).status).toBe(0)
  expect(await readdir(await readlink(link))).toContain('cloudbar.js')
  expect((await run()).err).toContain('already')
  expect((await run('--static-root', join(folder, 'im/cloudbar/cloudbar.js'))).status).toBe(1)
})
