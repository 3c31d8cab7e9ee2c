// The ways to sign in of this cloud for which the browser goes elsewhere and comes back.
import type { IdentitySettings } from '../settings/index.ts'
import type { ProviderOptions } from './failures.ts'
import { loginMessage } from './messages.ts'
import { openOpenIdConnect } from './openid-connect.ts'
import type { RedirectProvider } from './provider.ts'
import { openTwitter } from './twitter.ts'

/** Modules whose callback is `login/<module>/authenticated`. */
export const CALLBACK_MODULES = ['google', 'twitter', 'linkedin', 'oidc'] as const
export type CallbackModule = (typeof CALLBACK_MODULES)[number]

export function openCallbackProvider(
  settings: IdentitySettings,
  module: CallbackModule,
  options: ProviderOptions,
): RedirectProvider {
  const title = loginMessage(settings, module, 'title')
  return module === 'twitter' ? openTwitter(settings, title, options) : openOpenIdConnect(settings, module, title, options)
}
