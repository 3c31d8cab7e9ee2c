import { defineSettings, setting, Type } from '@synnefo/lib/settings'
import { Count, Flag, Text } from './types.ts'

export const visitorsSettings = defineSettings({
  ASTAKOS_PROOF_OF_WORK_ENABLED: setting(Flag, {
    default: true,
    help: 'Whether the browser of a visitor does some work before it may sign up, ask for a mail or write to the operator.',
  }),
  ASTAKOS_PROOF_OF_WORK_COST: setting(Count, {
    default: 5000,
    help: 'How much work that is: rounds of hashing for each of some hundred keys. A phone does the default in about a second.',
  }),
  ASTAKOS_RECAPTCHA_ENABLED: setting(Flag, {
    default: false,
    help: "Whether visitors pass Google's reCAPTCHA in place of that work.",
  }),
  ASTAKOS_RECAPTCHA_PUBLIC_KEY: setting(Text, { default: '', help: 'Site key of reCAPTCHA.' }),
  ASTAKOS_RECAPTCHA_PRIVATE_KEY: setting(Text, { default: '', help: 'Secret key of reCAPTCHA.' }),
  ASTAKOS_RECAPTCHA_OPTIONS: setting(Type.Record(Type.String(), Type.String()), {
    default: { theme: 'light' },
    help: 'Options of the widget of reCAPTCHA.',
  }),
  ASTAKOS_RECAPTCHA_VERIFY_URL: setting(Type.String({ pattern: '^https?://' }), {
    default: 'https://www.google.com/recaptcha/api/siteverify',
    help: 'Where reCAPTCHA tells whether somebody passed.',
  }),
})
