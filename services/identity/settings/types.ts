import { Type } from '@synnefo/lib/settings'

export const Text = Type.String()
export const Flag = Type.Boolean()
export const Count = Type.Integer({ minimum: 1 })
export const Texts = Type.Array(Text)
/** People to be told something: addresses, or pairs of a name and an address. Null: as computed from other settings. */
const Line = Type.String({ pattern: '^[^\\r\\n]+$' })
export const Recipients = Type.Array(Type.Union([Line, Type.Tuple([Line, Line])]))
export const ComputedRecipients = Type.Union([Recipients, Type.Null()])
