import { describeSchema } from '@synnefo/lib/sql'
import { openTestDatabase } from '@synnefo/lib/testing'
import { expect, test } from 'vitest'
import { migrations } from '../index.ts'

test('the migrations add up to the written schema', async ({ onTestFinished }) => {
  const db = await openTestDatabase(onTestFinished, [migrations])
  await expect(await describeSchema(db, 'object_store')).toMatchFileSnapshot('./schema.sql')
})
