import type { IdentitySettings } from '../settings/index.ts'
import { messageSettingName } from '../settings/logins.ts'
import { LOGIN_MESSAGE_NAMES, type LoginMessage, standardText } from '../wire/login-messages.ts'
import { type LoginModule, MODULE_TITLES } from '../wire/login-modules.ts'

/** What people are told about a way to sign in, in the words of the operator where he chose some. */
export function loginMessage(
  settings: IdentitySettings,
  module: LoginModule,
  message: LoginMessage,
  facts: Readonly<Record<string, string>> = {},
): string {
  const fill = (text: string, depth: number): string =>
    text.replace(/\{(\w+)\}/g, (whole, name: string) => {
      if (facts[name] !== undefined) return facts[name]
      if (name === 'module') return module
      if (name === 'module_title') return MODULE_TITLES[module]
      if (name === 'identifier' || name === 'available_methods') return ''
      const other = LOGIN_MESSAGE_NAMES.find((each) => each === name)
      return other === undefined || depth === 0 ? whole : fill(textOf(settings, module, other), depth - 1)
    })
  return fill(textOf(settings, module, message), LOGIN_MESSAGE_NAMES.length)
}

const textOf = (settings: IdentitySettings, module: LoginModule, message: LoginMessage) =>
  settings[messageSettingName(message, module)] || standardText(message, module)
