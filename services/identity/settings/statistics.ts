import { defineSettings, setting, Type } from '@synnefo/lib/settings'

export const statisticsSettings = defineSettings({
  ASTAKOS_ADMIN_STATS_PERMITTED_GROUPS: setting(Type.Array(Type.String()), {
    default: ['admin-stats'],
    help: 'Groups whose members may read the statistics in detail.',
  }),
})
