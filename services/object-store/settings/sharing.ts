import { defineSettings, setting, Type } from '@synnefo/lib/settings'

export const sharingSettings = defineSettings({
  PITHOS_ACC_MAX_GROUPS: setting(Type.Integer({ minimum: 1 }), {
    default: 32,
    help: 'Groups of people that one account may keep.',
  }),
  PITHOS_ACC_MAX_GROUP_MEMBERS: setting(Type.Integer({ minimum: 1 }), {
    default: 32,
    help: 'Members that one group may have.',
  }),
  PITHOS_PUBLIC_URL_SECURITY: setting(Type.Integer({ minimum: 8, maximum: 128 }), {
    default: 16,
    help: 'Random bytes in the address of a public link: who does not know it cannot guess it.',
  }),
  PITHOS_PUBLIC_URL_ALPHABET: setting(Type.String({ pattern: '^(?!.*(.).*\\1)[A-Za-z0-9_-]{2,64}$' }), {
    default: '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ',
    help: 'Characters of which the addresses of public links are made, each once.',
  }),
})
