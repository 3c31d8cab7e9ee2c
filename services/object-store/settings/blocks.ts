import { defineSettings, setting, Type } from '@synnefo/lib/settings'

export const blockSettings = defineSettings({
  PITHOS_BACKEND_BLOCK_SIZE: setting(Type.Integer({ minimum: 512, maximum: 64 * 1024 * 1024 }), {
    default: 4 * 1024 * 1024,
    help: 'Bytes of a full block. Fixed when the cloud is first started: hashes of existing objects depend on it.',
  }),
  PITHOS_ENCRYPT_BLOCKS: setting(Type.Boolean(), {
    default: false,
    help: 'Encrypt the data of objects, images and snapshots on disk and in the database, with a key made of secrets/cloud.key: without that file they are lost. Fixed when the cloud is first started.',
  }),
  PITHOS_VERIFY_HOURS: setting(Type.Number({ minimum: 0 }), {
    default: 24,
    help: 'Hours for which a block that was verified is sent without being verified again; 0: it is verified each time it is read.',
  }),
  PITHOS_PIN_HOURS: setting(Type.Number({ minimum: 1 }), {
    default: 24,
    help: 'Hours for which blocks sent ahead of their object are kept, and blocks that need not be sent again are promised.',
  }),
})
