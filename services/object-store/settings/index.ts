// The settings of the object store, a file per story.
import type { SettingsOf } from '@synnefo/lib/settings'
import { archiveSettings } from './archives.ts'
import { blockSettings } from './blocks.ts'
import { containerSettings } from './containers.ts'
import { eventSettings } from './events.ts'
import { objectSettings } from './objects.ts'
import { sharingSettings } from './sharing.ts'
import { upkeepSettings } from './upkeep.ts'
import { versioningSettings } from './versioning.ts'
import { viewSettings } from './view.ts'

export const objectStoreSettings = {
  ...archiveSettings,
  ...blockSettings,
  ...containerSettings,
  ...eventSettings,
  ...objectSettings,
  ...sharingSettings,
  ...versioningSettings,
  ...viewSettings,
  ...upkeepSettings,
}

export type ObjectStoreSettings = SettingsOf<typeof objectStoreSettings>
