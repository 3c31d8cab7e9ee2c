// SAML 2.0: a request by redirect, an answer by POST from the identity provider's page. That POST comes without our
// cookies, so what it says waits in the database until the browser comes for it with two things: the id of the request,
// which the browser that asked has, and a secret, which the browser that posted is told. Both have to be one browser:
// otherwise who asked could let somebody else answer, and would be signed in as him.
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { type CacheProvider, type Profile, SAML, SamlStatusError, ValidateInResponseTo } from '@node-saml/node-saml'
import { Fault } from '@synnefo/lib/fault'
import type { Identity } from '../identity.ts'
import { hashSecret, newSecret } from '../secrets.ts'
import { spendHandshake, takeClaims } from '../store/spent-handshakes.ts'
import type { Claims } from './claims.ts'
import { HANDSHAKE_SECONDS, notStartedHere } from './handshakes.ts'
import { readIdpMetadata } from './saml-metadata.ts'
import { readShibboleth, type ShibbolethAttributes } from './shibboleth.ts'

const PATH = '/astakos/ui/login/shibboleth'

/** What is written once when it is opened: who the identity provider is, and our keys. */
interface Parties {
  entryPoint: string
  idpEntityId: string
  idpCert: string[]
  privateKey?: string
  publicCert?: string
}

export interface SamlLogins {
  /** Where the browser goes, and the id of the request that it comes back with. */
  begin(options: { force: boolean }): Promise<{ address: URL; requestId: string }>
  /** Takes an answer, keeps who it is until the browser comes for it, and says the secret that it comes with. */
  take(response: string): Promise<string>
  /** Who answered this request, for the browser that posted the answer; once. */
  finish(requestId: string, secret: string): Promise<Claims>
  metadata(): Promise<string>
}

export function openSaml(identity: Identity, title: string): SamlLogins {
  const { settings, keys, db } = identity
  let known: Promise<Parties> | undefined
  const parties = () => {
    known ??= readParties(identity, title)
    known.catch(() => {
      known = undefined // perhaps the file is there the next time
    })
    return known
  }
  const address = (path: string) => `${identity.baseUrl()}${PATH}${path}`
  const entityId = () => settings.ASTAKOS_SHIBBOLETH_ENTITY_ID || address('/metadata')

  /** Ids of requests say themselves that they are ours and from when: nothing is stored for those who never come back. */
  function newRequestId(): string {
    const about = `${Date.now().toString(36)}.${randomBytes(16).toString('hex')}`
    return `_${about}.${keys.sign(`saml ${about}`)}`
  }
  function requestedAt(id: string): Date | undefined {
    const [, about, time, signature] = /^_(([0-9a-z]+)\.[0-9a-f]{32})\.([\w-]{43})$/.exec(id) ?? []
    if (!about || !keys.isSigned(`saml ${about}`, signature!)) return undefined
    const at = Number.parseInt(time!, 36)
    return at + HANDSHAKE_SECONDS * 1000 > Date.now() ? new Date(at) : undefined
  }
  /** The library asks whether a request is ours; that it is answered once is seen to by the database. */
  const requests: CacheProvider = {
    saveAsync: async (_id, value) => ({ value, createdAt: Date.now() }),
    getAsync: async (id) => requestedAt(id)?.toISOString() ?? null,
    removeAsync: async (id) => id,
  }

  function saml({ entryPoint, idpCert, privateKey, publicCert }: Parties, requestId = newRequestId(), force = false) {
    return new SAML({
      callbackUrl: address('/acs'),
      issuer: entityId(),
      audience: entityId(),
      entryPoint,
      idpCert,
      ...(privateKey === undefined ? {} : { privateKey, decryptionPvk: privateKey, signatureAlgorithm: 'sha256' as const }),
      ...(publicCert === undefined ? {} : { publicCert }),
      wantAssertionsSigned: true,
      wantAuthnResponseSigned: false, // the assertion is what counts
      acceptedClockSkewMs: settings.ASTAKOS_SHIBBOLETH_CLOCK_SKEW * 1000,
      identifierFormat: null,
      disableRequestedAuthnContext: true,
      forceAuthn: force,
      generateUniqueId: () => requestId,
      validateInResponseTo: ValidateInResponseTo.always,
      requestIdExpirationPeriodMs: HANDSHAKE_SECONDS * 1000,
      cacheProvider: requests,
    })
  }

  return {
    async begin({ force }) {
      const requestId = newRequestId()
      const url = await saml(await parties(), requestId, force).getAuthorizeUrlAsync('', undefined, {})
      return { address: new URL(url), requestId }
    },

    async take(response) {
      const known = await parties()
      const profile = await validate(() => saml(known).validatePostResponseAsync({ SAMLResponse: response }), title)
      const requestId = String(profile['inResponseTo'])
      checkAddressed(profile, { idpEntityId: known.idpEntityId, acs: address('/acs'), requestId })
      const secret = newSecret()
      const claims = readShibboleth(settings, nameAttributes(profile, settings.ASTAKOS_SHIBBOLETH_ATTRIBUTES))
      // Neither the request nor the assertion may have been here before, whoever brings it in which wrapping.
      await db.transaction(async (tx) => {
        const life = 2 * HANDSHAKE_SECONDS
        const assertion = hashSecret(`saml assertion ${profile.issuer} ${assertionId(profile)}`)
        const isFirst = (await spendHandshake(tx, hashSecret(requestId), life)) && (await spendHandshake(tx, assertion, life))
        if (!isFirst) throw new Fault('badRequest', 'This sign-in was finished before. Start again.')
        await spendHandshake(tx, waitsUnder(requestId, secret), HANDSHAKE_SECONDS, claims)
      })
      return secret
    },

    async finish(requestId, secret) {
      const claims = await takeClaims<Claims>(db, waitsUnder(requestId, secret))
      if (!claims) throw notStartedHere()
      return claims
    },

    async metadata() {
      const certificate = (await ownKeys(identity)).publicCert ?? null
      return saml({
        ...{ entryPoint: address(''), idpEntityId: '', idpCert: ['AA=='] },
        ...(await ownKeys(identity)),
      }).generateServiceProviderMetadata(certificate, certificate)
    },
  }
}

const waitsUnder = (requestId: string, secret: string) => hashSecret(`saml answer ${requestId} ${secret}`)

async function readParties(identity: Identity, title: string): Promise<Parties> {
  const { settings, log } = identity
  const {
    ASTAKOS_SHIBBOLETH_IDP_METADATA: file,
    ASTAKOS_SHIBBOLETH_IDP_ENTITY_ID: wanted,
    ASTAKOS_SHIBBOLETH_IDP_URL: url,
    ASTAKOS_SHIBBOLETH_IDP_CERTIFICATES: certificates,
  } = settings
  const notSetUp = (cause?: unknown) =>
    new Fault('serviceUnavailable', `${title} is not set up on this cloud yet. Ask its administrators.`, { cause })
  try {
    const told = file === '' ? undefined : await readIdpMetadata(await readFile(file, 'utf8'), wanted)
    const entryPoint = url || told?.url
    const idpCert = certificates.length > 0 ? [...certificates] : (told?.certificates ?? [])
    if (!entryPoint || idpCert.length === 0) throw notSetUp()
    return { entryPoint, idpEntityId: wanted || (told?.entityId ?? ''), idpCert, ...(await ownKeys(identity)) }
  } catch (error) {
    if (error instanceof Fault) throw error
    log.error({ error, file }, 'the metadata or keys of the SAML login cannot be used')
    throw notSetUp(error)
  }
}

async function ownKeys({ settings }: Identity): Promise<Pick<Parties, 'privateKey' | 'publicCert'>> {
  const { ASTAKOS_SHIBBOLETH_KEY_FILE: keyFile, ASTAKOS_SHIBBOLETH_CERTIFICATE_FILE: certificateFile } = settings
  return {
    ...(keyFile === '' ? {} : { privateKey: await readFile(keyFile, 'utf8') }),
    ...(certificateFile === '' ? {} : { publicCert: await readFile(certificateFile, 'utf8') }),
  }
}

async function validate(work: () => Promise<{ profile: Profile | null }>, title: string): Promise<Profile> {
  try {
    const { profile } = await work()
    if (!profile) throw new Error('the answer is about nobody')
    return profile
  } catch (error) {
    if (error instanceof SamlStatusError) {
      throw new Fault('forbidden', `${title} refused the sign-in. Nothing was changed.`, { cause: error })
    }
    throw notStartedHere(error)
  }
}

interface ParsedAssertion {
  Assertion?: {
    $?: { ID?: string }
    Subject?: { SubjectConfirmation?: SubjectConfirmation[] }[]
  }
}
interface SubjectConfirmation {
  SubjectConfirmationData?: { $?: { Recipient?: string; InResponseTo?: string } }[]
}
const assertionOf = (profile: Profile) => (profile.getAssertion?.() as ParsedAssertion | undefined)?.Assertion
const assertionId = (profile: Profile) => assertionOf(profile)?.$?.ID ?? profile.ID ?? ''

interface Addressed {
  idpEntityId: string
  acs: string
  requestId: string
}

/**
 * What the library leaves to its callers: that it is this identity provider who says it, to us, and to this request. The
 * last two have to be in what is signed; the wrapping around the assertion is anybody's.
 */
function checkAddressed(profile: Profile, { idpEntityId, acs, requestId }: Addressed): void {
  if (idpEntityId !== '' && profile.issuer !== idpEntityId) throw notStartedHere(new Error(`issued by ${profile.issuer}`))
  const data = assertionOf(profile)?.Subject?.[0]?.SubjectConfirmation?.flatMap((each) => each.SubjectConfirmationData ?? [])
  const isForUs = data?.some(({ $ }) => $?.Recipient === acs && $.InResponseTo === requestId)
  if (!isForUs) throw notStartedHere(new Error(`no subject confirmation for ${acs} and ${requestId}`))
}

const PERSISTENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent'

/** The attributes of the assertion under the names of the original's headers. */
function nameAttributes(profile: Profile, names: Readonly<Record<string, readonly string[]>>): ShibbolethAttributes {
  const told: Record<string, string> = { 'Shib-Session-ID': profile.sessionIndex ?? '', 'Shib-Identity-Provider': profile.issuer }
  const attributeOf = (name: string): unknown => {
    if (name !== 'NameID') return profile[name]
    return profile.nameIDFormat === PERSISTENT ? profile.nameID : undefined
  }
  for (const [header, candidates] of Object.entries(names)) {
    const text = candidates.map((name) => textOf(attributeOf(name))).find((value) => value !== '')
    if (text !== undefined) told[header] = text
  }
  return told
}

/** The first value; of an eduPersonTargetedID, the name id inside. */
function textOf(value: unknown): string {
  const first = Array.isArray(value) ? value[0] : value
  if (typeof first === 'string') return first
  if (typeof first !== 'object' || first === null) return ''
  const inner = (first as { NameID?: { _?: string }[] }).NameID?.[0]?._
  return typeof inner === 'string' ? inner : ''
}
