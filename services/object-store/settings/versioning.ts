import { defineSettings, setting, Type } from '@synnefo/lib/settings'

export const versioningSettings = defineSettings({
  PITHOS_BACKEND_FREE_VERSIONING: setting(Type.Boolean(), {
    default: true,
    help: 'History is not charged to the quota of its owner. When false, every version is, until it is purged; `snf-manage reconcile-resources-pithos` makes usage follow a change of this setting.',
  }),
})
