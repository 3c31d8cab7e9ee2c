// Components: the programs that register services, each with a token by which it shows itself to the identity service.
import { Fault } from '@synnefo/lib/fault'
import { isUniqueViolation, type Queryable, type Tx } from '@synnefo/lib/sql'
import { type Identity, registryChanged } from '../identity.ts'
import { hashSecret, newSecret } from '../secrets.ts'
import * as store from '../store/components.ts'
import { deleteServicesOf, forgetWithdrawn, withdraw } from '../store/services.ts'
import { STANDARD_COMPONENTS } from './standard-services.ts'

type ComponentRow = store.ComponentRow

/** The component that a number or a name names. */
export async function findComponent(db: Queryable, word: string): Promise<ComponentRow> {
  const byId = /^\d{1,18}$/.test(word) ? await store.findComponentById(db, BigInt(word)) : undefined
  const component = byId ?? (await store.findComponent(db, word))
  if (!component) throw new Fault('itemNotFound', `There is no component with id or name '${word}'`)
  return component
}

export interface ComponentUrls {
  /** Where its services are; undefined keeps what is, null is below this cloud for a standard component. */
  baseUrl?: string | null | undefined
  uiUrl?: string | null | undefined
}

/** Registers a component and answers its token. A standard one without an address of its own is below this cloud. */
export async function addComponent(identity: Identity, tx: Tx, name: string, urls: ComponentUrls): Promise<string> {
  if (!/^[A-Za-z0-9][\w.-]{0,79}$/.test(name)) {
    throw new Fault('badRequest', `'${name}' is no name of a component: letters, digits, '_', '.' and '-', at most 80`)
  }
  const { baseUrl = null, uiUrl = null } = urls
  const { secret, ...token } = newToken(identity, name)
  if (!(await store.insertComponent(tx, { name, ...placed(identity, name, baseUrl), uiUrl, ...token }))) {
    throw new Fault('conflict', `A component named '${name}' already exists.`)
  }
  await forgetWithdrawn(tx, 'component', name)
  registryChanged(tx, identity)
  return secret
}

export async function moveComponent(identity: Identity, tx: Tx, id: bigint, urls: ComponentUrls): Promise<void> {
  const { name, ...now } = await lock(tx, id)
  const baseUrl = urls.baseUrl === undefined ? now.baseUrl : urls.baseUrl
  const uiUrl = urls.uiUrl === undefined ? now.uiUrl : urls.uiUrl
  await store.updateComponentUrls(tx, id, { ...placed(identity, name, baseUrl), uiUrl })
  registryChanged(tx, identity)
}

/** Gives the component this token, or a new one; the old one ends at once. */
export async function renewComponentToken(identity: Identity, tx: Tx, id: bigint, wanted?: string): Promise<string> {
  const { name } = await lock(tx, id)
  if (wanted !== undefined && !/^[\x21-\x7e]{16,255}$/.test(wanted)) {
    throw new Fault('badRequest', 'A token has 16 to 255 printable characters and no blanks')
  }
  const { secret, ...token } = newToken(identity, name, wanted)
  try {
    await store.updateComponentToken(tx, id, token)
  } catch (error) {
    if (!isUniqueViolation(error)) throw error
    throw new Fault('conflict', 'Another component has this token', { cause: error })
  }
  registryChanged(tx, identity)
  return secret
}

/** Takes away everything that the component registered, and keeps the component. */
export async function purgeServices(identity: Identity, tx: Tx, id: bigint): Promise<string[]> {
  await lock(tx, id)
  const names = await deleteServicesOf(tx, id)
  await withdraw(tx, 'service', names)
  registryChanged(tx, identity)
  return names
}

/** Removes the component with its services. What they counted stays counted. */
export async function removeComponent(identity: Identity, tx: Tx, id: bigint): Promise<void> {
  const { name } = await lock(tx, id)
  await purgeServices(identity, tx, id)
  await store.deleteComponent(tx, id)
  await withdraw(tx, 'component', [name])
  registryChanged(tx, identity)
}

async function lock(tx: Tx, id: bigint): Promise<ComponentRow> {
  const component = await store.lockComponent(tx, id)
  if (!component) throw new Fault('itemNotFound', `There is no component ${id} any more`)
  return component
}

/** A standard component is below this cloud, wherever that will be, unless it is said to be elsewhere. */
function placed(identity: Identity, name: string, baseUrl: string | null): Pick<ComponentRow, 'path' | 'baseUrl'> {
  const path = STANDARD_COMPONENTS.find((component) => component.name === name)?.path ?? null
  const isBelow = path !== null && (baseUrl === null || baseUrl === `${identity.baseUrl()}/${path}`)
  return isBelow ? { path, baseUrl: null } : { path: null, baseUrl }
}

/** What the token of a component is sealed for. */
const sealedFor = (name: string) => `token of component ${name}`

export function newToken({ keys }: Identity, name: string, secret = newSecret()) {
  return { secret, tokenHash: hashSecret(secret), tokenSealed: keys.seal(secret, sealedFor(name)) }
}

/** The token in clear, for the operator who connects a component. */
export const showComponentToken = ({ keys }: Identity, { name, tokenSealed }: ComponentRow) =>
  keys.unseal(tokenSealed, sealedFor(name))
