import { defineSettings, setting, Type } from '@synnefo/lib/settings'

export const objectSettings = defineSettings({
  PITHOS_UPDATE_MD5: setting(Type.Boolean(), {
    default: false,
    help: 'Keep the MD5 of every object and use it as its ETag, as clients of other object stores expect; otherwise the ETag is the object hash.',
  }),
  PITHOS_UPLOADS_AT_ONCE: setting(Type.Integer({ minimum: 1 }), {
    default: 128,
    help: 'Bodies larger than a small file that one process receives at once, each holding up to a block in memory; further ones are answered 503. One person has half of them, or 32.',
  }),
  PITHOS_SILENCE_SECONDS: setting(Type.Number({ minimum: 0.1 }), {
    default: 120,
    help: 'Seconds after which a client that neither sends its body nor takes its answer loses the connection.',
  }),
  PITHOS_BACKEND_MAP_CHECK_INTERVAL: setting(Type.Number({ minimum: 0 }), {
    default: 5,
    help: 'Seconds between two looks for the data of an object that another component fills in.',
  }),
})
