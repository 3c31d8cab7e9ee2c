// What is fixed when a cloud is first started, whatever the settings say later.
import type { Cipher } from '@synnefo/engine-blocks'
import { SettingsError } from '@synnefo/lib/settings'
import { type Db, sql } from '@synnefo/lib/sql'

export interface Configuration {
  blockSizeBytes: number
}

/** Answers what a cloud was first started with: the wanted, if it is new. One that encrypts its data does so for ever, with the same key. */
export async function fixConfiguration(db: Db, wanted: Configuration, cipher: Cipher | undefined): Promise<Configuration> {
  await db.run(sql`
    INSERT INTO object_store.configuration (block_size_bytes, key_check)
    VALUES (${wanted.blockSizeBytes}, ${cipher?.check ?? null}) ON CONFLICT DO NOTHING`)
  const { blockSizeBytes, keyCheck } = await db.one<{ blockSizeBytes: number; keyCheck: string | null }>(
    sql`SELECT block_size_bytes AS "blockSizeBytes", key_check AS "keyCheck" FROM object_store.configuration`,
  )
  const refusal = refusalOf(keyCheck, cipher)
  if (refusal) throw new SettingsError(refusal)
  return { blockSizeBytes }
}

function refusalOf(keyCheck: string | null, cipher: Cipher | undefined): string | undefined {
  if (keyCheck === (cipher?.check ?? null)) return undefined
  if (keyCheck === null)
    return 'PITHOS_ENCRYPT_BLOCKS is true, but this cloud was first started without encryption, which cannot be changed later: set it to false.'
  if (!cipher)
    return 'PITHOS_ENCRYPT_BLOCKS is false, but this cloud was first started with encryption, which cannot be changed later: set it to true.'
  return 'The data of this cloud are encrypted with another key than the one that secrets/cloud.key gives now: put the file back with which the cloud was first started.'
}
