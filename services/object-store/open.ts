import { type BlockBuffers, type Blocks, openBlockBuffers } from '@synnefo/engine-blocks'
import { type Log, silentLog } from '@synnefo/lib/log'
import { openSocketIo, type SocketIo } from '@synnefo/lib/socket-io'
import type { Db } from '@synnefo/lib/sql'
import { fixConfiguration } from './configuration.ts'
import { type Gate, openGate, openSharedGate, type SharedGate } from './content/gate.ts'
import { type Md5Lanes, openMd5Lanes } from './content/md5-lanes.ts'
import { openPieces, type Pieces } from './content/pieces.ts'
import { openTurns, type Turns } from './content/turns.ts'
import { type ChangeObject, openChanges } from './objects/group.ts'
import { type KeptPages, openKeptPages } from './objects/kept-pages.ts'
import { type LookAtObject, openLooks } from './objects/look.ts'
import type { Allowance } from './sent-ahead.ts'
import type { ObjectStoreSettings } from './settings/index.ts'

/** What the functions of this service work with. */
export interface ObjectStore {
  readonly db: Db
  readonly blocks: Blocks
  readonly settings: ObjectStoreSettings
  /** Of this cloud since its first start, whatever the setting says now. */
  readonly blockSizeBytes: number
  /** Blocks on their way to the engine, over all uploads: bounds memory and the queue of the disk. */
  readonly storing: Gate
  /** Large bodies being received. */
  readonly uploads: SharedGate
  /** ZIP archives being received and unpacked, each with a file of its own and its list of files in memory. */
  readonly zips: SharedGate
  /** Where blocks of large bodies gather. */
  readonly buffers: BlockBuffers
  readonly md5: Md5Lanes
  /** Memory of data on its way out. */
  readonly pieces: Pieces
  /** Moves large bodies between connections and files or memory; undefined where Node must do it. */
  readonly socketIo: SocketIo | undefined
  /** Updates of parts of objects that hold up to a block in memory each. */
  readonly updates: SharedGate
  /** What people may send ahead, as far as this process has looked. */
  readonly allowances: Map<string, Allowance>
  /** Writers who change a part of one object, one after the other. */
  readonly turns: Turns
  /** Changes of single objects, those that arrive together in one transaction. */
  readonly change: ChangeObject
  /** Looks at single objects, those that are asked for together in one query. */
  readonly look: LookAtObject
  /** Pages of listings that may be asked for again. */
  readonly keptPages: KeptPages
}

/** Two blocks in the making per processor keep hashing and writing busy at once; more only fill memory. */
const BLOCKS_AT_ONCE = 4
const UPDATES_AT_ONCE = 32
const ZIPS_AT_ONCE = 16

/** How many of the uploads at once one person may have: half of them, but what a fast client wants in any case. */
const shareOf = (uploads: number) => Math.min(uploads, Math.max(32, Math.ceil(uploads / 2)))

interface ObjectStoreOptions {
  db: Db
  blocks: Blocks
  settings: ObjectStoreSettings
  log?: Log
}

export async function openObjectStore(options: ObjectStoreOptions): Promise<ObjectStore> {
  const { db, blocks, settings, log = silentLog } = options
  const wanted = { blockSizeBytes: settings.PITHOS_BACKEND_BLOCK_SIZE }
  const { blockSizeBytes } = await fixConfiguration(db, wanted, blocks.cipher)
  const store: ObjectStore = {
    db,
    blocks,
    settings,
    blockSizeBytes,
    storing: openGate(BLOCKS_AT_ONCE),
    uploads: openSharedGate(settings.PITHOS_UPLOADS_AT_ONCE, shareOf(settings.PITHOS_UPLOADS_AT_ONCE)),
    zips: openSharedGate(ZIPS_AT_ONCE, ZIPS_AT_ONCE / 4),
    buffers: openBlockBuffers(blockSizeBytes),
    md5: openMd5Lanes(),
    pieces: openPieces({ shared: blocks.cipher !== undefined }), // what is encrypted is decrypted by threads
    socketIo: openSocketIo({ log }),
    updates: openSharedGate(UPDATES_AT_ONCE, UPDATES_AT_ONCE / 4),
    allowances: new Map(),
    turns: openTurns(),
    change: openChanges(db, () => store),
    look: openLooks({ db, blocks }),
    keptPages: openKeptPages(),
  }
  return store
}
