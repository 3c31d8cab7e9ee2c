// Google's reCAPTCHA in place of proof of work, for operators who want it.
import { Fault } from '@synnefo/lib/fault'
import type { Identity } from '../identity.ts'

const PATIENCE_MS = 10_000

/** Asks Google whether the widget was satisfied. Throws `badRequest`, or `serviceUnavailable` when there is no answer. */
export async function checkRecaptcha({ settings, log }: Identity, shown: string | undefined, address: string): Promise<void> {
  if (shown === undefined || shown === '') throw new Fault('badRequest', "Field 'recaptcha': show that you are no machine")
  let answer: { success?: unknown }
  try {
    const response = await fetch(settings.ASTAKOS_RECAPTCHA_VERIFY_URL, {
      method: 'POST',
      body: new URLSearchParams({ secret: settings.ASTAKOS_RECAPTCHA_PRIVATE_KEY, response: shown, remoteip: address }),
      signal: AbortSignal.timeout(PATIENCE_MS),
      redirect: 'error',
    })
    if (!response.ok) throw new Error(`status ${response.status}`)
    answer = (await response.json()) as { success?: unknown }
  } catch (error) {
    log.warn({ error }, 'reCAPTCHA does not answer')
    throw new Fault('serviceUnavailable', 'Whether you are a machine cannot be found out now. Try again soon.', { cause: error })
  }
  if (answer.success !== true) throw new Fault('badRequest', "Field 'recaptcha': this was not accepted. Try again.")
}
