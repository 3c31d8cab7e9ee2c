// The little XML that this API writes. Names are ours; values are escaped.

export interface XmlElement {
  name: string
  attributes: Record<string, string | number | bigint | null | undefined>
  children: (XmlElement | string)[]
}

export const element = (
  name: string,
  attributes: XmlElement['attributes'] = {},
  children: XmlElement['children'] = [],
): XmlElement => ({ name, attributes, children })

export function writeXml(root: XmlElement): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${write(root)}`
}

function write({ name, attributes, children }: XmlElement): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(String(value ?? ''))}"`)
  const inner = children.map((child) => (typeof child === 'string' ? escaped(child) : write(child))).join('')
  return inner === '' ? `<${name}${written.join('')}/>` : `<${name}${written.join('')}>${inner}</${name}>`
}

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\n': '&#10;' }

// Control characters have no place in XML 1.0, escaped or not.
const escaped = (text: string) =>
  text.replace(/[&<>"\n]/g, (sign) => ESCAPES[sign]!).replace(/[\p{Cc}\p{Cs}\uFFFE\uFFFF]/gu, '\uFFFD')
