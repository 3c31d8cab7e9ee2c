import { defineSettings, setting, Type } from '@synnefo/lib/settings'

export const containerSettings = defineSettings({
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
})
