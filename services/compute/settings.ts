import { defineSettings, type SettingsOf, setting, Type } from '@synnefo/lib/settings'

const Count = Type.Integer({ minimum: 0 })

export const computeSettings = defineSettings({
  BACKEND_PREFIX_ID: setting(Type.String({ pattern: '^[a-z0-9]+-$' }), {
    default: 'snf-',
    help: 'What the names of machines, disks and network cards on backends begin with: letters or digits and one dash.',
  }),
  CYCLADES_SERVERS_FQDN: setting(Type.String(), {
    default: '',
    help: 'Fully qualified name of servers, with %(id)s for the id; empty: servers have none.',
  }),
  CYCLADES_VM_MAX_METADATA: setting(Count, { default: 10, help: 'Metadata items per server.' }),
  MAX_PERSONALITY: setting(Count, { default: 5, help: 'Files that may be put into a new server.' }),
  MAX_PERSONALITY_SIZE: setting(Count, { default: 10240, help: 'Bytes of each such file.' }),
  GANETI_MAX_NICS_PER_INSTANCE: setting(Type.Integer({ minimum: 1 }), { default: 8, help: 'Network cards per server.' }),
  POLL_LIMIT: setting(Type.Integer({ minimum: 1 }), { default: 3600, help: 'Seconds that changes-since may look back.' }),
  USERDATA_MAX_SSH_KEYS_PER_USER: setting(Count, { default: 10, help: 'Key pairs per person.' }),
  USERDATA_SSH_KEY_MAX_CONTENT_LENGTH: setting(Count, { default: 30000, help: 'Characters of a public key.' }),
  SERVER_SHUTDOWN_SECONDS: setting(Count, {
    default: 60,
    help: 'Seconds that a guest has to shut down before its power is cut.',
  }),
  CONSOLE_TICKET_SECONDS: setting(Type.Integer({ minimum: 1 }), {
    default: 30,
    help: 'Seconds in which a console that was asked for must be opened.',
  }),
  CONSOLE_LISTEN_PORTS: setting(Type.Tuple([Type.Integer(), Type.Integer()]), {
    default: [25000, 25100],
    help: 'First and last TCP port of the short-lived listeners for consoles of type vnc.',
  }),
})

export type ComputeSettings = SettingsOf<typeof computeSettings>
