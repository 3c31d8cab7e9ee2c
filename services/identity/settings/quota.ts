import { defineSettings, setting, Type } from '@synnefo/lib/settings'

export const quotaSettings = defineSettings({
  ASTAKOS_PROVISION_LOG_DAYS: setting(Type.Integer({ minimum: 0, maximum: 36_500 }), {
    default: 365,
    help: 'Days for which the quota ledger remembers what became of each commission; 0 keeps it for ever.',
  }),
})
