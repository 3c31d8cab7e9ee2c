// The settings of identity, a file per story.
import type { SettingsOf } from '@synnefo/lib/settings'
import { brandingSettings } from './branding.ts'
import { browserSettings } from './browser.ts'
import { cloudbarSettings } from './cloudbar.ts'
import { errorReportSettings } from './error-reports.ts'
import { factorsSettings } from './factors.ts'
import { loginProviderSettings } from './login-providers.ts'
import { loginSettings } from './logins.ts'
import { mailSettings } from './mail.ts'
import { oauth2Settings } from './oauth2.ts'
import { peopleSettings } from './people.ts'
import { projectsSettings } from './projects.ts'
import { protectionSettings } from './protection.ts'
import { quotaSettings } from './quota.ts'
import { registrySettings } from './registry.ts'
import { statisticsSettings } from './statistics.ts'
import { visitorsSettings } from './visitors.ts'

export const identitySettings = {
  ...peopleSettings,
  ...protectionSettings,
  ...visitorsSettings,
  ...loginSettings,
  ...factorsSettings,
  ...loginProviderSettings,
  ...projectsSettings,
  ...quotaSettings,
  ...registrySettings,
  ...statisticsSettings,
  ...cloudbarSettings,
  ...mailSettings,
  ...errorReportSettings,
  ...brandingSettings,
  ...oauth2Settings,
  ...browserSettings,
}

export type IdentitySettings = SettingsOf<typeof identitySettings>
