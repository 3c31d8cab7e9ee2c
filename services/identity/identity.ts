// What the service holds open: the database, the keys, and what it remembers of who is who.

import { parseJson } from '@synnefo/lib/json'
import type { Log } from '@synnefo/lib/log'
import { ANNOUNCEMENTS, type Announcement, type Db, type Tx } from '@synnefo/lib/sql'
import { type MailTexts, openMailTexts } from './mails/templates.ts'
import { openQuotaPolicy, type QuotaPolicy } from './projects/policy-module.ts'
import { type Ledger, openLedger } from './quota/ledger.ts'
import { type Catalog, openCatalog } from './registry/catalog.ts'
import { type Components, openComponents } from './registry/component-tokens.ts'
import type { Remembered } from './registry/remembered.ts'
import { rememberResources } from './registry/resources.ts'
import { type Keys, openKeys } from './secrets.ts'
import type { IdentitySettings } from './settings/index.ts'
import type { ResourceRow } from './store/resources.ts'
import { type Authenticator, openAuthenticator } from './tokens/authenticate.ts'

export interface IdentityOptions {
  db: Db
  settings: IdentitySettings
  log: Log
  /** The key of the cloud: 32 random bytes or more, the same in every process and kept in its home. */
  secretKey: Uint8Array
  /** Where people reach this cloud, without a slash at the end. Asked each time: the port may be known only once it is open. */
  baseUrl: () => string
  /** Folders with the operator's texts of mails; a later one wins. */
  templateFolders?: readonly string[]
}

export interface Identity {
  readonly db: Db
  readonly settings: IdentitySettings
  readonly log: Log
  readonly keys: Keys
  readonly baseUrl: () => string
  readonly authenticator: Authenticator
  readonly catalog: Catalog
  readonly mailTexts: MailTexts
  readonly components: Components
  readonly ledger: Ledger
  /** What is counted, as it was registered a moment ago. */
  readonly resources: Remembered<ResourceRow[]>
  readonly quotaPolicy: QuotaPolicy
  close(): Promise<void>
}

/** Topic of the announcements about a person: his pages look at their session again, and every process forgets what it knew. */
const PERSON = 'session'
/** Topic of the announcements that services or resources were registered. */
const REGISTRY = 'registry'

export async function openIdentity(options: IdentityOptions): Promise<Identity> {
  const { db, settings, log, secretKey, baseUrl, templateFolders = [] } = options
  const keys = openKeys(secretKey)
  const authenticator = openAuthenticator(db, keys, settings)
  const mailTexts = await openMailTexts({ settings, log, baseUrl, folders: templateFolders })
  const components = openComponents(db)
  const catalog = openCatalog(db, baseUrl, settings.ASTAKOS_ENDPOINT_CACHE_TIMEOUT * 1000)
  const resources = rememberResources(db, settings.ASTAKOS_RESOURCE_CACHE_TIMEOUT * 1000)
  const forgetRegistry = () => {
    catalog.forget()
    components.forget()
    resources.forget()
  }
  const quotaPolicy = await openQuotaPolicy({ db, log, path: settings.QUOTA_POLICY_MODULE })
  const stopListening = await db.listen(
    ANNOUNCEMENTS,
    (payload) => {
      const { topic, userIds } = parseJson(payload) as Announcement
      if (topic === PERSON) authenticator.forget(userIds)
      if (topic === REGISTRY) forgetRegistry()
    },
    () => {
      authenticator.forget([]) // announcements may have been missed
      forgetRegistry()
    },
  )
  return {
    db,
    settings,
    log,
    keys,
    baseUrl,
    authenticator,
    catalog,
    mailTexts,
    components,
    ledger: openLedger(db),
    resources,
    quotaPolicy,
    close: async () => {
      await quotaPolicy.close()
      await authenticator.close()
      await stopListening()
    },
  }
}

/** After commit nobody takes the person for who he was: his tokens, sessions, groups, projects or state have changed. */
export function personChanged(tx: Tx, uuid: string, identity?: Identity): void {
  tx.announces(PERSON, uuid)
  if (identity) tx.afterCommit(() => identity.authenticator.forget([uuid]))
}

/** After commit nobody takes anybody for who he was: something that counts for all people has changed. */
export function everybodyChanged(tx: Tx, identity?: Identity): void {
  tx.announces(PERSON)
  if (identity) tx.afterCommit(() => identity.authenticator.forget([]))
}

/** After commit every process asks anew which components, services and resources there are. */
export function registryChanged(tx: Tx, identity: Identity): void {
  tx.announces(REGISTRY)
  tx.afterCommit(() => {
    identity.catalog.forget()
    identity.components.forget()
    identity.resources.forget()
  })
}

/** An announcement carries some people at most. */
const ANNOUNCED_TOGETHER = 150

/** The same of many people, such as all members of a project. */
export function peopleChanged(tx: Tx, uuids: readonly string[], identity?: Identity): void {
  for (let at = 0; at < uuids.length; at += ANNOUNCED_TOGETHER) {
    tx.announces(PERSON, ...uuids.slice(at, at + ANNOUNCED_TOGETHER))
  }
  if (identity && uuids.length > 0) tx.afterCommit(() => identity.authenticator.forget(uuids))
}
