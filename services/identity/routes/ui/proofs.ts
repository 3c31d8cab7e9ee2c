// How proof of a second factor, and answers of passkeys, look on the wire. What is inside is the library's to judge.
import { Type } from '@synnefo/lib/http'

const Bytes = Type.String({ minLength: 1, maxLength: 8192 })
const Answer = {
  id: Type.String({ minLength: 1, maxLength: 2000, pattern: '^[A-Za-z0-9_-]+$' }),
  rawId: Bytes,
  type: Type.Literal('public-key'),
  authenticatorAttachment: Type.Optional(Type.Union([Type.Literal('platform'), Type.Literal('cross-platform')])),
  clientExtensionResults: Type.Object({}),
}

export const AssertedPasskey = Type.Object({
  ...Answer,
  response: Type.Object({
    clientDataJSON: Bytes,
    authenticatorData: Bytes,
    signature: Bytes,
    userHandle: Type.Optional(Bytes),
  }),
})

export const CreatedPasskey = Type.Object({
  ...Answer,
  response: Type.Object({ clientDataJSON: Bytes, attestationObject: Type.String({ minLength: 1, maxLength: 65536 }) }),
})

// Closed, so that a proof is one of these and nothing besides: what else is in it would be a second proof.
const alone = { additionalProperties: false }
const Code = Type.Object({ code: Type.String({ maxLength: 20 }) }, alone)
const RecoveryCode = Type.Object({ recoveryCode: Type.String({ maxLength: 40 }) }, alone)
const Passkey = Type.Object({ passkey: AssertedPasskey }, alone)
const Password = Type.Object({ password: Type.String({ maxLength: 512 }) }, alone)

export const FactorProof = Type.Union([Code, RecoveryCode, Passkey])
export const AnyProof = Type.Union([Password, Code, RecoveryCode, Passkey])
