import { defineSettings, setting, Type } from '@synnefo/lib/settings'
import { Count } from './types.ts'

export const factorsSettings = defineSettings({
  ASTAKOS_PROOF_MINUTES: setting(Count, {
    default: 15,
    help: 'For how long after signing in, or confirming again, a person may change what protects the account and make tokens without limits.',
  }),
  ASTAKOS_SESSION_HOURS: setting(Count, {
    default: 720,
    help: 'Hours after which a browser session ends, used or not. It never outlives the classic token that it began with.',
  }),
  ASTAKOS_SESSION_IDLE_HOURS: setting(Type.Integer({ minimum: 0 }), {
    default: 336,
    help: 'Hours after which a browser session that is not used ends; 0: only when its life is over.',
  }),
})
