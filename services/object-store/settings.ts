import { defineSettings, type SettingsOf, setting, Type } from '@synnefo/lib/settings'

export const objectStoreSettings = defineSettings({
  PITHOS_BACKEND_BLOCK_SIZE: setting(Type.Integer({ minimum: 512, maximum: 64 * 1024 * 1024 }), {
    default: 4 * 1024 * 1024,
    help: 'Bytes of a full block. Fixed when the cloud is first started: hashes of existing objects depend on it.',
  }),
  PITHOS_BACKEND_CONTAINER_QUOTA: setting(Type.Integer({ minimum: 0 }), {
    default: 0,
    help: 'Size limit of new containers in bytes; 0 is unlimited.',
  }),
  PITHOS_BACKEND_VERSIONING: setting(Type.Union([Type.Literal('auto'), Type.Literal('none')]), {
    default: 'auto',
    help: 'Whether new containers keep replaced and deleted versions: auto or none.',
  }),
  PITHOS_API_LIST_LIMIT: setting(Type.Integer({ minimum: 1, maximum: 10_000 }), {
    default: 10_000,
    help: 'Entries of a listing, by default and at most.',
  }),
  PITHOS_RESOURCE_MAX_METADATA: setting(Type.Integer({ minimum: 1 }), {
    default: 32,
    help: 'Metadata items that one account, container or object may carry.',
  }),
  PITHOS_UPLOADS_AT_ONCE: setting(Type.Integer({ minimum: 1 }), {
    default: 128,
    help: 'Bodies larger than a small file that one process receives at once, each holding up to a block in memory; further ones are answered 503.',
  }),
  PITHOS_PIN_HOURS: setting(Type.Number({ minimum: 1 }), {
    default: 24,
    help: 'Hours for which blocks sent ahead of their object are kept, and blocks that need not be sent again are promised.',
  }),
})

export type ObjectStoreSettings = SettingsOf<typeof objectStoreSettings>
