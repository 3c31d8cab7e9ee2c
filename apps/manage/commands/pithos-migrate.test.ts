import { openTestDatabase, runLine } from '@synnefo/lib/testing'
import { migrations } from '@synnefo/object-store'
import { expect, test } from 'vitest'
import type { ManageContext } from './define.ts'
import { migrateCommands } from './pithos-migrate.ts'

test('the revisions of the schema are shown, and what cannot be done is said', async ({ onTestFinished }) => {
  const db = await openTestDatabase(onTestFinished, [migrations])
  const context = { db, migrated: ['identity/0001-a.sql', 'object-store/0001-b.sql'] } as unknown as ManageContext
  const run = (...line: string[]) => runLine({ program: 'pithos-migrate', commands: migrateCommands, context, line })
  const history = (await run('history')).out.trim().split('\n')
  expect(history.at(-1)).toBe('0001-object-store')
  expect(history[0]).toMatch(/^\d{4}-[a-z-]+ \(head\)$/)
  for (const command of ['current', 'heads']) expect((await run(command)).out).toBe(`${history[0]}\n`)
  const done = { status: 0, err: 'Applied object-store/0001-b.sql\nThe database is up to date.\n' }
  expect(await run('initdb')).toMatchObject(done)
  for (const revision of ['head', '+1', '0001', '0002-cheap-references'])
    expect(await run('upgrade', revision)).toMatchObject(done)
  expect((await run('upgrade', '8320b1c62d9')).status).toBe(1)
  expect(await run('stamp', 'head')).toMatchObject({ status: 0, err: expect.stringContaining('(head)') })
  expect((await run('stamp', '0001')).status).toBe(1)
  expect(await run('downgrade', '-1')).toMatchObject({ status: 1, err: expect.stringContaining('backup') })
  expect((await run('current', '-c', 'other.conf')).status).toBe(1)
})
