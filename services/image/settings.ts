import { defineSettings, type SettingsOf, setting, Type } from '@synnefo/lib/settings'

const Texts = Type.Array(Type.String(), { minItems: 1 })

export const imageSettings = defineSettings({
  ALLOWED_DISK_FORMATS: setting(Texts, {
    default: ['diskdump', 'extdump', 'ntfsdump'],
    help: 'Disk formats that images may have.',
  }),
  DEFAULT_DISK_FORMAT: setting(Type.String(), {
    default: 'diskdump',
    help: 'Disk format of an image that is registered without one.',
  }),
  ALLOWED_CONTAINER_FORMATS: setting(Texts, {
    default: ['aki', 'ari', 'ami', 'bare', 'ovf'],
    help: 'Container formats that images may have.',
  }),
  DEFAULT_CONTAINER_FORMAT: setting(Type.String(), {
    default: 'bare',
    help: 'Container format of an image that is registered without one.',
  }),
})

export type ImageSettings = SettingsOf<typeof imageSettings>
