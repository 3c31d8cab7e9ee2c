import { describeSchema } from '@synnefo/lib/sql'
import { openTestDatabase } from '@synnefo/lib/testing'
import { expect, test } from 'vitest'
import { migrations } from '../index.ts'

test('the written schema is the sum of the migrations', async ({ onTestFinished }) => {
  const db = await openTestDatabase(onTestFinished, [migrations])
  await expect(await describeSchema(db, 'volume')).toMatchFileSnapshot('./schema.sql')
})
