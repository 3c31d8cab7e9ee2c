// Who is not signed in shows with each form that he is no machine that sends thousands.
import type { Identity } from '../identity.ts'
import { checkRecaptcha } from './recaptcha.ts'
import { checkWork, newWork } from './work.ts'

/** What came with the form. */
export interface Shown {
  /** A solved challenge. */
  work?: string
  /** What the widget answered. */
  recaptcha?: string
}

/** What is to be done before a form is sent. */
export async function whatToShow(identity: Identity) {
  const { ASTAKOS_RECAPTCHA_PUBLIC_KEY: siteKey, ASTAKOS_RECAPTCHA_OPTIONS: options } = identity.settings
  switch (demanded(identity)) {
    case 'recaptcha':
      return { kind: 'recaptcha' as const, siteKey, options }
    case 'work':
      return { kind: 'work' as const, challenge: await newWork(identity) }
    case 'nothing':
      return { kind: 'nothing' as const }
  }
}

/** Looked at after all that can be told without a database, so that a typing error costs no work. */
export async function checkVisitor(identity: Identity, { work, recaptcha }: Shown, address: string): Promise<void> {
  const kind = demanded(identity)
  if (kind === 'recaptcha') await checkRecaptcha(identity, recaptcha, address)
  if (kind === 'work') await checkWork(identity, work)
}

function demanded({ settings }: Identity): 'recaptcha' | 'work' | 'nothing' {
  if (settings.ASTAKOS_RECAPTCHA_ENABLED) return 'recaptcha'
  return settings.ASTAKOS_PROOF_OF_WORK_ENABLED ? 'work' : 'nothing'
}
