import { argument, flag, option, repeated } from '@synnefo/lib/commands'
import { Fault } from '@synnefo/lib/fault'
import { addOAuthClient, prepareOAuthClient } from '../oauth2/clients.ts'
import { defineCommand, noteCommand } from './define.ts'

const TYPES = ['confidential', 'public'] as const

function readType(word: string): (typeof TYPES)[number] {
  const type = TYPES.find((each) => each === word)
  if (!type) throw new Fault('badRequest', `'${word}' is no type of clients: one of ${TYPES.join(', ')}`)
  return type
}

export const oauth2ClientAdd = defineCommand({
  name: 'oauth2-client-add',
  summary: 'Register a program that may ask people, by OAuth 2.0 or OpenID Connect, who they are',
  input: {
    identifier: argument('name by which it introduces itself'),
    secret: option('secret of a confidential client', { placeholder: 'secret' }),
    isTrusted: flag('people are not asked whether they agree'),
    type: option('confidential, when it can keep a secret, or public', {
      default: 'confidential' as (typeof TYPES)[number],
      read: readType,
      placeholder: 'type',
    }),
    url: repeated(
      'absolute URL to send people back to, or to anything below it; the first is where they go when a request names none',
      {
        placeholder: 'url',
      },
    ),
  },
  async run({ identity, terminal }, { identifier, secret, isTrusted, type, url: urls }) {
    const longest = identity.settings.OAUTH2_MAXIMUM_ALLOWED_REDIRECT_URI_LENGTH
    const redirectUrls = urls.filter((url) => url.length <= longest)
    const ignored = urls.length - redirectUrls.length
    if (ignored > 0) terminal.error(`Ignoring ${ignored} URL${ignored === 1 ? '' : 's'} of more than ${longest} characters`)
    const client = await prepareOAuthClient({ identifier, type, secret, isTrusted, redirectUrls })
    const id = await identity.db.transaction(async (tx) => {
      const added = await addOAuthClient(tx, client)
      await noteCommand(tx, 'oauth2-client-add', `oauth2-client:${identifier}`, { type, isTrusted, redirectUrls })
      return added
    })
    terminal.error(`OAuth 2.0 client added with id ${id}`)
  },
})
