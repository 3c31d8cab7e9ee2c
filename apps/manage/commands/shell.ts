import { once } from 'node:events'
import { start } from 'node:repl'
import { sql } from '@synnefo/lib/sql'
import { defineCommand } from './define.ts'

export const shell = defineCommand({
  name: 'shell',
  summary: 'Look around by typing JavaScript, with the opened services at hand',
  description:
    'At hand: db, sql, settings, identity, objectStore, network, image, volume, compute. `await` works; .exit ends it.',
  input: {},
  async run({ terminal: _, ...context }) {
    const repl = start({ prompt: 'synnefo> ', input: process.stdin, output: process.stdout })
    Object.assign(repl.context, context, { sql })
    await once(repl, 'exit')
  },
})
