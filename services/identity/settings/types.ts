import { Type } from '@synnefo/lib/settings'

export const Text = Type.String()
export const Flag = Type.Boolean()
export const Count = Type.Integer({ minimum: 1 })
export const Addresses = Type.Array(Type.String())
