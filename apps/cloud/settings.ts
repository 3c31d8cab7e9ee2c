import { computeSettings } from '@synnefo/compute'
import { identitySettings } from '@synnefo/identity'
import { imageSettings } from '@synnefo/image'
import { defineSettings, type SettingsOf, setting, Type } from '@synnefo/lib/settings'
import { networkSettings } from '@synnefo/network'
import { objectStoreSettings } from '@synnefo/object-store'
import { volumeSettings } from '@synnefo/volume'

const ownSettings = defineSettings({
  SYNNEFO_BASE_URL: setting(Type.String({ pattern: '^(https?://[^/]+)?$' }), {
    default: '',
    help: 'Where people reach this cloud, such as https://cloud.example.org behind a proxy; by default the address it listens on.',
  }),
  SYNNEFO_TRUSTED_PROXIES: setting(Type.Array(Type.String()), {
    default: [],
    help: 'Addresses or networks of proxies whose X-Forwarded-* headers are believed.',
  }),
  SYNNEFO_DATABASE_CONNECTIONS: setting(Type.Integer({ minimum: 2 }), {
    default: 8,
    help: 'Database connections that one process opens at most.',
  }),
})

/** The settings of all services: a name that nobody declares is an error. */
export const settings = {
  ...ownSettings,
  ...identitySettings,
  ...objectStoreSettings,
  ...networkSettings,
  ...imageSettings,
  ...volumeSettings,
  ...computeSettings,
}

export type CloudSettings = SettingsOf<typeof settings>
