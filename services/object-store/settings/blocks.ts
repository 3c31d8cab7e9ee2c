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
  PITHOS_SENT_AHEAD_BYTES: setting(Type.Integer({ minimum: 0 }), {
    default: 0,
    help: 'Bytes that one person may have in blocks sent ahead that no object has yet, at most; in any case no more than the quota of the person, and of the project of the container, allows in all. 0: as much as that.',
  }),
})
