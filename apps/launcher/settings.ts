// The settings as `up` finds them: looked at before anything that runs is stopped, so that a wrong one costs nothing.
import { type CloudSettings, obsoleteSettings, settings } from '@synnefo/app-cloud/settings'
import { readSettings, SettingsError } from '@synnefo/lib/settings'
import { settingsFolders } from './cloud-plan.ts'
import type { Home } from './host/folders.ts'
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
    if (error instanceof SettingsError) throw new Refusal(error.message)
    throw error
  }
}
