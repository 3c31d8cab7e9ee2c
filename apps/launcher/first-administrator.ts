// The first administrator's sign-in. `up` leaves it in a private file of the home, `cloud` makes the account from it
// when there are no accounts yet, and `up` shows it once, when everything serves, and removes the file. Interrupted
// anywhere, the next `up` goes on from the file.
import { randomInt } from 'node:crypto'
import { chownSync, existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Home } from './host/folders.ts'
import type { SystemUser } from './host/system-users.ts'
import { readJson, writeJson } from './supervisor/plan.ts'

interface FirstAdministrator {
  email: string
  password: string
}

const fileOf = (home: Home) => join(home.secrets, 'first-administrator.json')
/** Present once an administrator was offered. */
const noteOf = (home: Home) => join(home.state, 'first-administrator.json')

/** Without letters and digits that look like each other. */
const ALPHABET = 'abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ23456789'

const EMAIL = 'admin@synnefo.local'

export function offerFirstAdministrator(home: Home, owner: SystemUser | undefined): void {
  if (existsSync(noteOf(home))) return
  const password = Array.from({ length: 16 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')
  const offer: FirstAdministrator = { email: EMAIL, password }
  writeJson(fileOf(home), offer)
  if (owner) chownSync(fileOf(home), owner.uid, owner.gid)
  writeJson(noteOf(home), { email: EMAIL })
}

/** Whom the first `up` of this home made administrator. */
export function firstAdministratorEmail(home: Home): string {
  return readJson<Pick<FirstAdministrator, 'email'>>(noteOf(home))?.email ?? EMAIL
}

/** Answers it once. */
export function takeFirstAdministrator(home: Home): FirstAdministrator | undefined {
  const offer = readJson<FirstAdministrator>(fileOf(home))
  rmSync(fileOf(home), { force: true })
  return offer
}
