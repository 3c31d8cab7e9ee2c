// A SAML identity provider on this machine: it reads our requests and signs answers, right or wrong ones as a test wants.
import { execFileSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { temporaryFolder } from '@synnefo/lib/testing'
import type { onTestFinished } from 'vitest'

/** The little of `samlify` that is used; its own types bring in those of a browser. */
interface Samlify {
  setSchemaValidator(validator: { validate(xml: string): Promise<string> }): void
  IdentityProvider(settings: object): {
    getMetadata(): string
    parseLoginRequest(sp: ServiceProvider, binding: 'redirect', request: object): Promise<{ extract: Extract }>
    createLoginResponse(
      sp: ServiceProvider,
      request: { extract: Extract },
      binding: 'post',
      user: object,
      fill: (template: string) => { id: string; context: string },
    ): Promise<{ context: string }>
  }
  ServiceProvider(settings: { metadata: string }): ServiceProvider
  SamlLib: {
    defaultLoginResponseTemplate: { context: string }
    replaceTagsByValue(template: string, tags: Record<string, string>): string
  }
}
interface ServiceProvider {
  entityMeta: { getAssertionConsumerService(binding: 'post'): string; getEntityID(): string }
}
interface Extract {
  request: { id: string }
}
const require = createRequire(import.meta.url)
const samlify = require('samlify') as Samlify

samlify.setSchemaValidator({ validate: async () => 'not looked at' })

const PERSISTENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent'

export interface SamlAnswer {
  /** Attributes by name. */
  attributes?: Record<string, string>
  nameId?: string
  /** Seconds from now until which it holds, and since when. */
  until?: number
  since?: number
  /** What is written instead of what would be right. */
  instead?: Partial<Record<'Audience' | 'SubjectRecipient' | 'InResponseTo' | 'Issuer' | 'AssertionID', string>>
  /** Changes the template before it is filled in and signed. */
  shape?: (template: string) => string
  /** Changes the XML after it was signed. */
  forge?: (xml: string) => string
}

export interface TestSamlProvider {
  entityId: string
  metadataFile: string
  /** The form that its page would post. */
  answer(request: URL, answer: SamlAnswer): Promise<string>
}

export async function newKeyPair(folder: string, name: string) {
  const [keyFile, certificateFile] = [join(folder, `${name}.key.pem`), join(folder, `${name}.cert.pem`)]
  const subject = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', `/CN=${name}`]
  execFileSync('openssl', [...subject, '-keyout', keyFile, '-out', certificateFile], { stdio: 'ignore' })
  return { keyFile, certificateFile, key: await readFile(keyFile, 'utf8'), certificate: await readFile(certificateFile, 'utf8') }
}

/** `spMetadata` is asked for at each answer: what this cloud says of itself. */
export async function openTestSamlProvider(
  finished: typeof onTestFinished,
  { spMetadata, encrypts = false }: { spMetadata: () => Promise<string>; encrypts?: boolean },
): Promise<TestSamlProvider> {
  const folder = await temporaryFolder(finished)
  const { key, certificate } = await newKeyPair(folder, 'idp')
  const entityId = 'https://idp.example.test/idp/shibboleth'
  const open = (attributes: string[]) =>
    samlify.IdentityProvider({
      entityID: entityId,
      privateKey: key,
      signingCert: certificate,
      isAssertionEncrypted: encrypts,
      wantAuthnRequestsSigned: false,
      requestSignatureAlgorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
      nameIDFormat: [PERSISTENT],
      singleSignOnService: [
        { Binding: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect', Location: 'https://idp.example.test/sso' },
      ],
      singleLogoutService: [
        { Binding: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect', Location: 'https://idp.example.test/logout' },
      ],
      loginResponseTemplate: {
        context: samlify.SamlLib.defaultLoginResponseTemplate.context,
        attributes: attributes.map((name, index) => ({
          name,
          valueTag: `value${index}`,
          nameFormat: 'urn:oasis:names:tc:SAML:2.0:attrname-format:uri',
          valueXsiType: 'xs:string',
        })),
      },
    })
  const metadataFile = join(folder, 'idp.xml')
  await writeFile(metadataFile, open([]).getMetadata())

  return {
    entityId,
    metadataFile,
    async answer(
      request,
      { attributes = {}, nameId = 'nobody', until = 300, since = -1, instead = {}, shape = (template) => template, forge },
    ) {
      const idp = open(Object.keys(attributes))
      const sp = samlify.ServiceProvider({ metadata: await spMetadata() })
      const query = Object.fromEntries(request.searchParams)
      const { extract } = await idp.parseLoginRequest(sp, 'redirect', { query })
      const time = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString()
      const acs = sp.entityMeta.getAssertionConsumerService('post')
      const tags: Record<string, string> = {
        ID: `_${crypto.randomUUID()}`,
        AssertionID: `_${crypto.randomUUID()}`,
        Destination: acs,
        Audience: sp.entityMeta.getEntityID(),
        SubjectRecipient: acs,
        Issuer: entityId,
        IssueInstant: time(0),
        StatusCode: 'urn:oasis:names:tc:SAML:2.0:status:Success',
        ConditionsNotBefore: time(since),
        ConditionsNotOnOrAfter: time(until),
        SubjectConfirmationDataNotOnOrAfter: time(until),
        NameIDFormat: PERSISTENT,
        NameID: nameId,
        InResponseTo: extract.request.id,
        AuthnStatement: '',
        ...Object.fromEntries(Object.values(attributes).map((value, index) => [`attrValue${index}`, value])),
        ...instead,
      }
      const { context } = await idp.createLoginResponse(sp, { extract }, 'post', {}, (template: string) => ({
        id: tags['ID']!,
        context: samlify.SamlLib.replaceTagsByValue(shape(template), tags),
      }))
      if (!forge) return context
      return Buffer.from(forge(Buffer.from(context, 'base64').toString('utf8'))).toString('base64')
    },
  }
}
