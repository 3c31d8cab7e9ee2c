import type { Services } from '@synnefo/app-cloud/services'
import type { CloudSettings } from '@synnefo/app-cloud/settings'
import { commandsFor } from '@synnefo/lib/commands'

export interface ManageContext extends Services {
  settings: CloudSettings
}

/** Commands about the cloud as a whole: those about a noun stand with the noun, in its service. */
export const defineCommand = commandsFor<ManageContext>()
