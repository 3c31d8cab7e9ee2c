import { defineSettings, type SettingsOf, setting, Type } from '@synnefo/lib/settings'

export const networkSettings = defineSettings({
  DEFAULT_MAC_PREFIX: setting(Type.String({ pattern: '^[0-9a-f]{2}:[0-9a-f]{2}:[0-9a-f]$' }), {
    default: 'aa:00:0',
    help: 'What hardware addresses on networks without a prefix of their own begin with.',
  }),
  PUBLIC_NETWORK_CIDR: setting(Type.String({ pattern: '^\\d{1,3}(\\.\\d{1,3}){3}/(1[6-9]|2[0-9])$' }), {
    default: '10.220.0.0/20',
    help: 'IPv4 addresses of the public network that a new cloud is given, or the next ones that this host does not reach elsewhere.',
  }),
})

export type NetworkSettings = SettingsOf<typeof networkSettings>
