import { defineSettings, setting, Type } from '@synnefo/lib/settings'

export const upkeepSettings = defineSettings({
  PITHOS_GC_HOURS: setting(Type.Number({ minimum: 0 }), {
    default: 24,
    help: 'Hours after which the collector looks again for blocks that nobody needs; 0: only when `snf-manage pithos-gc` is called.',
  }),
  PITHOS_GC_GRACE_HOURS: setting(Type.Number({ minimum: 2 }), {
    default: 48,
    help: 'Hours for which blocks and maps stay that nobody needs yet: longer than any upload may take.',
  }),
  PITHOS_SCRUB_DAYS: setting(Type.Number({ minimum: 0 }), {
    default: 30,
    help: 'Days in which every block is read once and compared with its name; damaged ones go into quarantine. 0: only when `snf-manage pithos-fsck --verify-data` is called.',
  }),
})
