// What people are told about ways to sign in. Operators may put each in other words; what stands in braces is filled in,
// and one message may stand in another.
import type { LoginModule } from './login-modules.ts'

interface Message {
  text: string
  /** Where single modules are told of in other words. */
  of?: Partial<Record<LoginModule, string>>
  /** Says what it is for, before the name of the module. */
  help: string
}

export const LOGIN_MESSAGES = {
  title: { text: '{module_title}', help: 'Name of' },
  method_prompt: {
    text: 'Sign in with {title}',
    of: { local: 'Sign in with a password', ldap: 'Sign in with the directory', shibboleth: 'Sign in with your institution' },
    help: 'Label of the button that signs in with',
  },
  account_prompt: { text: '{title} account', of: { local: 'password' }, help: 'What an account is called of' },
  method_details: { text: '{account_prompt}: {identifier}', help: "How the profile tells a person's identity of" },
  add_prompt: { text: 'Allows you to sign in with your {account_prompt}.', help: 'What the profile says of adding' },
  required: { text: '{title} is required. Add it to your login methods.', help: 'What people are told who have to add' },
  disabled_for_create: { text: 'No account can be made with {title}.', help: 'What is said when no account may be made with' },
  cannot_login: {
    text: '{title} cannot be used to sign in to this account. Use one of its other methods: {available_methods}.',
    help: 'What is said when a person may not sign in with',
  },
  switch_success: { text: 'Your {account_prompt} was changed.', help: 'What is said when an identity was exchanged of' },
} satisfies Record<string, Message>

export type LoginMessage = keyof typeof LOGIN_MESSAGES
export const LOGIN_MESSAGE_NAMES = Object.keys(LOGIN_MESSAGES) as LoginMessage[]

/** What is said where the operator chose no words of his own. */
export function standardText(message: LoginMessage, module: LoginModule): string {
  const { text, of }: Message = LOGIN_MESSAGES[message]
  return of?.[module] ?? text
}
