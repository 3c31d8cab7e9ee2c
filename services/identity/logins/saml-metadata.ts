import { parseStringPromise, processors } from 'xml2js'

export interface IdpMetadata {
  entityId: string
  /** Where it takes requests by redirect. */
  url: string | undefined
  /** With which it signs, as base64 without header lines. */
  certificates: string[]
}

/** An element as the parser gives it: its attributes, its text, and its children by name. */
interface Element {
  $?: Record<string, string>
  _?: string
  [child: string]: unknown
}

const REDIRECT = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect'

/** What the metadata of an identity provider, or of a whole federation, say of the one that is wanted; of the only one when none is. */
export async function readIdpMetadata(xml: string, wanted: string): Promise<IdpMetadata> {
  const document = (await parseStringPromise(xml, {
    tagNameProcessors: [processors.stripPrefix],
    explicitCharkey: true,
    explicitRoot: true,
  })) as Element
  const providers = entitiesIn(document).filter((entity) => children(entity, 'IDPSSODescriptor').length > 0)
  const chosen = wanted === '' ? providers : providers.filter(({ $ }) => $?.['entityID'] === wanted)
  if (chosen.length !== 1) {
    throw new Error(`the metadata name ${chosen.length} identity providers${wanted === '' ? '' : ` ${wanted}`}; name one`)
  }
  const [descriptor] = children(chosen[0]!, 'IDPSSODescriptor')
  const service = children(descriptor!, 'SingleSignOnService').find(({ $ }) => $?.['Binding'] === REDIRECT)
  return {
    entityId: chosen[0]!.$?.['entityID'] ?? '',
    url: service?.$?.['Location'],
    certificates: children(descriptor!, 'KeyDescriptor')
      .filter(({ $ }) => ($?.['use'] ?? 'signing') === 'signing')
      .flatMap((key) => children(key, 'KeyInfo'))
      .flatMap((info) => children(info, 'X509Data'))
      .flatMap((data) => children(data, 'X509Certificate'))
      .map(({ _ }) => (_ ?? '').replace(/\s/g, '')),
  }
}

function entitiesIn(element: Element): Element[] {
  const groups = children(element, 'EntitiesDescriptor').flatMap(entitiesIn)
  return [...children(element, 'EntityDescriptor'), ...groups]
}

const children = (element: Element, name: string) => [element[name] ?? []].flat() as Element[]
