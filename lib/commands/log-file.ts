// What operators did, a file for each command that was run: how it was called and a copy of everything it wrote.
// Secrets that were given or made are not in it.
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { withoutSecrets } from '../log/secrets.ts'
import type { Sink } from './terminal.ts'

export interface CommandLog {
  /** Writes on to the sink, and into the log. */
  copying(sink: Sink): Sink
  close(): void
}

export interface CommandLogOptions {
  folder: string
  command: string
  words: readonly string[]
  pid: number
  now?: Date
}

/** Throws when the file cannot be made. */
export function openCommandLog({ folder, command, words, pid, now = new Date() }: CommandLogOptions): CommandLog {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const file = openSync(join(folder, `${stamp(now)}_${command}_${pid}.log`), 'a', 0o600)
  const write = (text: string) => void writeSync(file, text)
  write(`Command: ${maskedWords(words).join(' ')}\nPid: ${pid}\nStarted: ${now.toISOString()}\n\n`)
  return {
    copying: (sink) => ({
      write(text) {
        write(withoutSecrets(text))
        sink.write(text)
      },
    }),
    close: () => closeSync(file),
  }
}

/** `yymmddHHMMSS`, as the names of these files always began. */
const stamp = (date: Date) => date.toISOString().replace(/\D/g, '').slice(2, 14)

const MASK = '********'
const SECRET_OPTION = /^--?[\w-]*(password|secret|token)$/

/** In an address: `postgresql://somebody:password@host`. */
const PASSWORD_IN_ADDRESS = /(\w:\/\/[^\s:/@]*:)\S+(?=@)/g

/** The command line without the values of options that are secrets, and without passwords in addresses. */
export function maskedWords(words: readonly string[]): string[] {
  return words.map((word, index) => {
    const equals = word.indexOf('=')
    if (equals > 0 && SECRET_OPTION.test(word.slice(0, equals))) return `${word.slice(0, equals)}=${MASK}`
    const before = words[index - 1]
    const takesIt = before !== undefined && SECRET_OPTION.test(before) && !/^--?renew-/.test(before)
    return takesIt ? MASK : word.replace(PASSWORD_IN_ADDRESS, `$1${MASK}`)
  })
}
