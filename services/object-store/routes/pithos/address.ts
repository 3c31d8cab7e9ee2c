// Where a request goes. Names may hold escaped slashes, doubled slashes and blanks, so the path is read as it was sent.
import { Fault } from '@synnefo/lib/fault'
import { checkName } from '../../names.ts'

export type Address =
  | { level: 'top' }
  | { level: 'account'; account: string }
  | { level: 'container'; account: string; container: string }
  | { level: 'object'; account: string; container: string; name: string }

export const METHODS: Record<Address['level'], readonly string[]> = {
  top: ['GET'],
  account: ['HEAD', 'POST', 'GET'],
  container: ['HEAD', 'POST', 'GET', 'PUT', 'DELETE'],
  object: ['HEAD', 'POST', 'GET', 'PUT', 'DELETE', 'COPY', 'MOVE'],
}

/** `path` is what follows `/v1/`, escapes as the client wrote them. */
export function readAddress(path: string): Address {
  const [account, rest] = cut(decodeOnce(path, 'The path'))
  if (account === '' && rest === '') return { level: 'top' }
  checkName('account', account)
  if (rest === '') return { level: 'account', account }
  const [container, name] = cut(rest)
  checkName('container', container)
  if (name === '') return { level: 'container', account, container }
  checkName('object', name)
  return { level: 'object', account, container, name }
}

/** `/container/object`, as headers name a source or destination. */
export function readPathHeader(
  header: string,
  value: string,
  options: { slash: 'needed' | 'optional' },
): { container: string; name: string } {
  const wrong = () => new Fault('badRequest', `${header} is not of the form /container/object.`)
  if (!value.startsWith('/') && options.slash === 'needed') throw wrong()
  const [container, name] = cut(value.replace(/^\//, ''))
  if (container === '' || name === '') throw wrong()
  checkName('container', container)
  checkName('object', name)
  return { container, name }
}

export function decodeOnce(text: string, what: string): string {
  try {
    return decodeURIComponent(text)
  } catch (cause) {
    throw new Fault('badRequest', `${what} is not valid percent-encoded UTF-8.`, { cause })
  }
}

function cut(path: string): [string, string] {
  const slash = path.indexOf('/')
  return slash === -1 ? [path, ''] : [path.slice(0, slash), path.slice(slash + 1)]
}
