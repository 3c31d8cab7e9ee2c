import { defineSettings, type SettingsOf, setting, Type } from '@synnefo/lib/settings'

export const volumeSettings = defineSettings({
  CYCLADES_DETACHABLE_DISK_TEMPLATES: setting(Type.Array(Type.String()), {
    default: ['ext_archipelago', 'ext_vlmc'],
    help: 'Disk templates whose volumes can be attached to and detached from servers.',
  }),
  POLL_LIMIT: setting(Type.Integer({ minimum: 1 }), { default: 3600, help: 'Seconds that changes-since may look back.' }),
})

export type VolumeSettings = SettingsOf<typeof volumeSettings>
