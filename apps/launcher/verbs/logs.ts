import { closeSync, existsSync, openSync, readdirSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { findHome } from '../host/folders.ts'
import { readableLine } from '../log-line.ts'
import type { Verb } from '../main.ts'
import { Refusal } from '../refusal.ts'

const FIRST_LINES_BYTES = 16 * 1024
const LOOK_EVERY_MS = 250

export const verb: Verb = {
  usage: '[-f] [--json] [PROCESS...]\n\n  -f      go on as more is written\n  --json  lines as they were written',
  options: { follow: { type: 'boolean', short: 'f' }, json: { type: 'boolean' } },
  words: true,
  async run({ follow, json }, names) {
    const folder = findHome().logs
    const known = existsSync(folder)
      ? readdirSync(folder)
          .filter((file) => file.endsWith('.log'))
          .map((file) => file.slice(0, -4))
      : []
    const unknown = names.find((name) => !known.includes(name))
    if (unknown)
      throw new Refusal(
        `no process "${unknown}" has written a log`,
        known.length > 0 ? `there are logs of: ${known.join(', ')}` : undefined,
      )
    const wanted = names.length > 0 ? names : known
    const width = Math.max(...wanted.map((name) => name.length))
    const tails = wanted.map((name) => ({ name, lines: tail(join(folder, `${name}.log`)) }))
    for (;;) {
      for (const { name, lines } of tails) {
        const label = wanted.length > 1 ? `${name.padEnd(width)}  ` : ''
        for (const line of lines()) console.log(label + (json ? line : readableLine(line)))
      }
      if (!follow) return 0
      await delay(LOOK_EVERY_MS)
    }
  },
}

/** Answers the lines that were completed since the last call; the first time the last ones of the file. */
function tail(path: string): () => string[] {
  let position = Math.max(0, sizeOf(path) - FIRST_LINES_BYTES)
  let begins = position === 0
  let rest = ''
  return () => {
    const size = sizeOf(path)
    if (size < position) position = 0 // emptied by rotation
    const lines = (rest + read(path, position, size - position)).split('\n')
    position = size
    rest = lines.pop()!
    if (!begins) lines.shift() // cut in the middle
    begins = true
    return lines
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}

function read(path: string, position: number, bytes: number): string {
  if (bytes <= 0) return ''
  const file = openSync(path, 'r')
  try {
    const buffer = Buffer.alloc(bytes)
    return buffer.toString('utf8', 0, readSync(file, buffer, 0, bytes, position))
  } finally {
    closeSync(file)
  }
}
