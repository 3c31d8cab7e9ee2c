import { defineSettings, setting } from '@synnefo/lib/settings'
import { Count } from './types.ts'

export const protectionSettings = defineSettings({
  ASTAKOS_RATELIMIT_RETRIES_ALLOWED: setting(Count, {
    default: 3,
    help: 'Failed logins per minute for one account from one address; further ones have to wait.',
  }),
  ASTAKOS_RATELIMIT_ADDRESS_PER_MINUTE: setting(Count, {
    default: 60,
    help: 'Failed logins per minute from one address, and for one account from all addresses.',
  }),
  ASTAKOS_RATELIMIT_SIGNUPS_PER_HOUR: setting(Count, {
    default: 120,
    help: 'Sign-ups and requests for another verification mail per hour from one address.',
  }),
})
