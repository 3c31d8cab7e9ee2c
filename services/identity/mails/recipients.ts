// Who of the staff is told what (identity-model.md §10.2): settings whose defaults are made of other settings.
import type { IdentitySettings } from '../settings/index.ts'

type Group = 'ADMINS' | 'MANAGERS' | 'HELPDESK'

export type RecipientsSetting =
  | 'ACCOUNT_NOTIFICATIONS_RECIPIENTS'
  | 'FEEDBACK_NOTIFICATIONS_RECIPIENTS'
  | 'PROJECT_NOTIFICATIONS_RECIPIENTS'
  | 'ACCOUNT_PENDING_MODERATION_RECIPIENTS'
  | 'ACCOUNT_ACTIVATED_RECIPIENTS'
  | 'PROJECT_CREATION_RECIPIENTS'
  | 'PROJECT_MODIFICATION_RECIPIENTS'

const DEFAULTS: Readonly<Record<RecipientsSetting, readonly (Group | RecipientsSetting)[]>> = {
  ACCOUNT_NOTIFICATIONS_RECIPIENTS: ['HELPDESK', 'MANAGERS', 'ADMINS'],
  FEEDBACK_NOTIFICATIONS_RECIPIENTS: ['HELPDESK'],
  PROJECT_NOTIFICATIONS_RECIPIENTS: ['HELPDESK', 'MANAGERS'],
  ACCOUNT_PENDING_MODERATION_RECIPIENTS: ['ACCOUNT_NOTIFICATIONS_RECIPIENTS'],
  ACCOUNT_ACTIVATED_RECIPIENTS: ['ACCOUNT_NOTIFICATIONS_RECIPIENTS'],
  PROJECT_CREATION_RECIPIENTS: ['PROJECT_NOTIFICATIONS_RECIPIENTS'],
  PROJECT_MODIFICATION_RECIPIENTS: ['PROJECT_NOTIFICATIONS_RECIPIENTS'],
}

const isGroup = (name: Group | RecipientsSetting): name is Group => !(name in DEFAULTS)

/** The addresses that a setting names, each once. */
export function recipients(settings: IdentitySettings, name: Group | RecipientsSetting): string[] {
  const chosen = settings[name]
  if (chosen === null) return isGroup(name) ? [] : once(DEFAULTS[name].flatMap((each) => recipients(settings, each)))
  return once(chosen.map((entry) => addressIn(typeof entry === 'string' ? entry : entry[1])))
}

/** The bare address: a name in front of it is for people who read the settings. */
const addressIn = (text: string) => (/<([^<>]+)>\s*$/.exec(text)?.[1] ?? text).trim()

/** Each address once, whatever its case. */
export const once = (addresses: readonly string[]) => [
  ...new Map(addresses.map((address) => [address.toLowerCase(), address])).values(),
]
