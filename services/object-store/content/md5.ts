// The MD5 of a whole content, for clouds that keep it as entity tag: clients of other object stores check it.
import { createHash } from 'node:crypto'
import type { ObjectStore } from '../open.ts'
import { findMapByRoot, knownChecksum } from '../store/maps.ts'
import type { NewContent } from './content.ts'
import { contentOf } from './send.ts'

/**
 * MD5 in hex of a content that is durable already. What an object of the same content has on record is taken over;
 * otherwise every block is read, so this is not for the inside of a transaction.
 */
export async function md5OfContent(store: ObjectStore, content: NewContent): Promise<string> {
  const md5 = createHash('md5')
  if (content.sizeBytes === 0n) return md5.digest('hex')
  const key = { root: Buffer.from(content.hash, 'hex'), sizeBytes: content.sizeBytes, blockSizeBytes: store.blockSizeBytes }
  const known = await knownChecksum(store.db, key)
  if (known) return known.checksum
  // Content of a map that is there may lie in its row alone.
  const map = content.inline
    ? { ...key, hashes: content.hashes, content: content.inline }
    : ((await findMapByRoot(store, key)) ?? { ...key, hashes: content.hashes, content: null })
  for await (const piece of contentOf(store, map, 0, Number(content.sizeBytes))) {
    md5.update(piece)
    store.pieces.giveBack(piece)
  }
  return md5.digest('hex')
}

/** The checksum to keep of content whose bytes did not come with the request; empty where the cloud keeps none. */
export async function checksumOf(store: ObjectStore, content: NewContent): Promise<string> {
  return store.settings.PITHOS_UPDATE_MD5 ? md5OfContent(store, content) : ''
}
