// The settings as `up` finds them: looked at before anything that runs is stopped, so that a wrong one costs nothing.
import { join } from 'node:path'
import { writeBlockKey } from '@synnefo/app-cloud/block-key'
import { type CloudSettings, obsoleteSettings, settings } from '@synnefo/app-cloud/settings'
import { readSettings, SettingsError } from '@synnefo/lib/settings'
import { settingsFolders } from './cloud-plan.ts'
import type { Home } from './host/folders.ts'
import type { SystemUser } from './host/system-users.ts'
import { Refusal } from './refusal.ts'

export interface GivenSettings {
  /** What they come to: another one means that programs have to start anew. */
  values: CloudSettings
  /** Those that the environment of `up` gives: the programs are started with them. */
  environment: Record<string, string>
}

export async function readGivenSettings(home: Home): Promise<GivenSettings> {
  const given = Object.keys(settings).flatMap((name) => {
    const value = process.env[name]
    return value === undefined ? [] : [[name, value]]
  })
  const environment = Object.fromEntries(given) as Record<string, string>
  try {
    const values = await readSettings(settings, {
      folders: settingsFolders(home),
      env: process.env,
      obsolete: obsoleteSettings,
      warn: (message) => console.error(`synnefo: ${message}`),
    })
    return { values, environment }
  } catch (error) {
    throw refused(error)
  }
}

/** The file with the key of blocks, for the node; undefined when blocks are not encrypted. Only who starts the cloud, and the node, may read it. */
export async function prepareBlockKey(
  home: Home,
  { values }: GivenSettings,
  owner: SystemUser | undefined,
): Promise<string | undefined> {
  const file = join(home.state, 'block.key')
  try {
    const written = await writeBlockKey(values, { secrets: home.secrets, owner, blocks: home.blocks, file })
    return written ? file : undefined
  } catch (error) {
    throw refused(error)
  }
}

const refused = (error: unknown) => (error instanceof SettingsError ? new Refusal(error.message) : error)
