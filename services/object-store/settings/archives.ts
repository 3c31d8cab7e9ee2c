import { defineSettings, setting, Type } from '@synnefo/lib/settings'

export const archiveSettings = defineSettings({
  PITHOS_ARCHIVE_ENTRIES: setting(Type.Integer({ minimum: 1 }), {
    default: 1_000_000,
    help: 'Files and folders that are taken out of one uploaded archive, or put into one that is downloaded, at most.',
  }),
  PITHOS_ARCHIVE_BYTES: setting(Type.Integer({ minimum: 1 }), {
    default: 1024 ** 4,
    help: 'Bytes that the content of one uploaded archive may have when it is unpacked.',
  }),
  PITHOS_ARCHIVE_RATIO: setting(Type.Integer({ minimum: 1 }), {
    default: 100,
    help: 'How many times its own size an uploaded archive may become when it is unpacked; up to 100 MiB are always fine.',
  }),
  PITHOS_ARCHIVE_FOLDER: setting(Type.String(), {
    default: '',
    help: 'Folder for ZIP archives while they are unpacked, each up to 5 GiB; empty: the temporary folder of the system.',
  }),
})
