// The administrator's password and how it is made.
import { randomInt } from 'node:crypto'
import { Fault } from '@synnefo/lib/fault'

const LOWER = 'abcdefghijkmnpqrstuvwxyz' // without l and o, which read as 1 and 0
const UPPER = 'ABCDEFGHJKLMNPQRSTUVWXYZ'
const DIGITS = '23456789'
const LENGTH = 12

/** A random password with upper and lower case letters and digits, none of which look alike. */
export function newAdminPassword(): string {
  const pick = (alphabet: string) => alphabet[randomInt(alphabet.length)]!
  const letters = [pick(LOWER), pick(UPPER), pick(DIGITS)]
  while (letters.length < LENGTH) letters.push(pick(LOWER + UPPER + DIGITS))
  for (let i = letters.length - 1; i > 0; i -= 1) {
    const j = randomInt(i + 1)
    ;[letters[i], letters[j]] = [letters[j]!, letters[i]!]
  }
  return letters.join('')
}

export function checkAdminPassword(password: string): string {
  const good = password.length >= 10 && /[a-z]/.test(password) && /[A-Z]/.test(password) && /\d/.test(password)
  if (!good)
    throw new Fault('badRequest', 'adminPass needs at least 10 characters, among them upper and lower case letters and digits.')
  if (/[\p{Cc}]/u.test(password) || password.length > 128)
    throw new Fault('badRequest', 'adminPass has at most 128 characters and no control characters.')
  return password
}
