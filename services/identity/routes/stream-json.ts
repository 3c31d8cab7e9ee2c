// One JSON object that is written while it is read, a page at a time: there may be very many entries.
import { Readable } from 'node:stream'
import { writeJson } from '@synnefo/lib/json'
import type { FastifyReply } from 'fastify'
import { JSON_TYPE } from './dialect.ts'

/** The entries of an object, some at a time. */
export type Pages = AsyncIterable<readonly (readonly [name: string, value: unknown])[]>

/** The text of an object with these entries. */
export async function* objectText(pages: Pages): AsyncGenerator<string> {
  let separator = '{'
  for await (const page of pages) {
    if (page.length === 0) continue
    yield separator + page.map(([name, value]) => `${writeJson(name)}:${writeJson(value)}`).join(',')
    separator = ','
  }
  yield separator === '{' ? '{}' : '}'
}

/** Answers the text as it comes; who goes away ends the reading. */
export function answerText(reply: FastifyReply, text: AsyncIterable<string>): FastifyReply {
  return reply.type(JSON_TYPE).send(Readable.from(text, { objectMode: false }))
}

/** Asks for page after page, each after the last row of the one before, until one is empty. */
export async function* pagesOf<Row, Cursor>(
  start: Cursor,
  ask: (after: Cursor) => Promise<Row[]>,
  cursorOf: (row: Row) => Cursor,
): AsyncGenerator<Row[]> {
  for (let after = start; ; ) {
    const rows = await ask(after)
    if (rows.length === 0) return
    yield rows
    after = cursorOf(rows.at(-1)!)
  }
}
