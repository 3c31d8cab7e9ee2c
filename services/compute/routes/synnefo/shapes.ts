// Shapes that several routes share.
import { Type } from '@synnefo/lib/http'

export const IdPath = Type.Object({ id: Type.String() })

/** A string, or a number taken as its text: original clients send both. */
const Text = Type.Union([Type.String(), Type.Number(), Type.Boolean()])

export const MetadataItems = Type.Record(Type.String(), Text)

export const asTexts = (items: Record<string, string | number | boolean>): Record<string, string> =>
  Object.fromEntries(Object.entries(items).map(([key, value]) => [key, String(value)]))
