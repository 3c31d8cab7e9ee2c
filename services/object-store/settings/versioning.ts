import { defineSettings, setting, Type } from '@synnefo/lib/settings'

export const versioningSettings = defineSettings({
  PITHOS_BACKEND_FREE_VERSIONING: setting(Type.Boolean(), {
    default: true,
    help: 'History is not charged to the quota of its owner. When false, every version is, until it is purged; `snf-manage reconcile-resources-pithos` makes usage follow a change of this setting.',
  }),
  PITHOS_HISTORY_DAYS: setting(Type.Number({ minimum: 0 }), {
    default: 0,
    help: 'Days for which a version is kept after it was replaced or deleted; 0 keeps it until its owner purges it.',
  }),
  PITHOS_HISTORY_VERSIONS: setting(Type.Integer({ minimum: 0 }), {
    default: 0,
    help: 'Versions of an object that are kept besides the current one; 0 keeps them all.',
  }),
})
