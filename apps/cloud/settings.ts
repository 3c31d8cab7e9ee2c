import { computeSettings } from '@synnefo/compute'
import { obsoleteSettings as obsoleteQueueSettings, queueSettings } from '@synnefo/engine-queue'
import { identitySettings } from '@synnefo/identity'
import { imageSettings } from '@synnefo/image'
import { defineSettings, type SettingsOf, setting, Type } from '@synnefo/lib/settings'
import { networkSettings } from '@synnefo/network'
import { objectStoreSettings, obsoleteSettings as obsoleteObjectStoreSettings } from '@synnefo/object-store'
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

/** Of snf-manage. */
const manageSettings = defineSettings({
  SNF_MANAGE_USER: setting(Type.String(), {
    default: 'synnefo',
    help: 'User that snf-manage becomes when root starts it, where there is such a user.',
  }),
  SNF_MANAGE_GROUP: setting(Type.String(), { default: 'synnefo', help: 'Group that it gets then.' }),
  LOG_DIR: setting(Type.String(), {
    default: '',
    help: 'Folder in which snf-manage writes a log of each command, below `commands`; by default `logs` in the home.',
  }),
  LOGGER_EXCLUDE_COMMANDS: setting(Type.String(), {
    default: '-list$|-show$',
    help: 'Regular expression of the commands of snf-manage that write no log.',
  }),
  MEDIA_ROOT: setting(Type.String(), {
    default: '/usr/share/synnefo/static/',
    help: 'Folder in which `snf-manage link_static` puts links to static files, for web servers that serve them.',
  }),
})

/** The settings of all services: a name that nobody declares is an error. */
export const settings = {
  ...ownSettings,
  ...manageSettings,
  ...queueSettings,
  ...identitySettings,
  ...objectStoreSettings,
  ...networkSettings,
  ...imageSettings,
  ...volumeSettings,
  ...computeSettings,
}

/** Of older releases: passed over with a warning. */
export const obsoleteSettings = [...obsoleteQueueSettings, ...obsoleteObjectStoreSettings]

export type CloudSettings = SettingsOf<typeof settings>
