import { connect } from '@synnefo/clients/http'
import type { TestCloud } from '../synnefo.ts'

export interface Person {
  uuid: string
  /** An API token. */
  token: string
}

/** An active account, made by the operator. */
export async function addPerson(cloud: TestCloud & { url: string }, email: string): Promise<Person> {
  await manage(cloud, 'user-add', email, 'Grace', 'Hopper')
  await manage(cloud, 'user-modify', email, '--verify')
  const token = (await manage(cloud, 'token-add', email)).trim()
  const { access } = await connect({ baseUrl: cloud.url }).json<{ access: { user: { id: string } } }>(
    'POST',
    '/astakos/identity/v2.0/tokens',
    { json: { auth: { token: { id: token } } } },
  )
  return { uuid: access.user.id, token }
}

async function manage(cloud: TestCloud, ...words: string[]): Promise<string> {
  const { code, output, errors } = await cloud.run('manage', ...words)
  if (code !== 0) throw new Error(`manage ${words.join(' ')} ended with ${code}: ${errors}`)
  return output
}
