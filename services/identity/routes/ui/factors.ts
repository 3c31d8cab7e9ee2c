// What protects the account of the person at the page: the authenticator app, recovery codes, passkeys.
import { type Plugin, Type } from '@synnefo/lib/http'
import {
  addPasskey,
  confirmTotp,
  disableTotp,
  removePasskey,
  renameOwnPasskey,
  renewRecoveryCodes,
  setUpTotp,
} from '../../factors/change.ts'
import { askForPasskey, askToRegister, passkeysWork } from '../../factors/passkeys.ts'
import { confirm, requireFreshProof, waysToProve } from '../../factors/proof.ts'
import type { Identity } from '../../identity.ts'
import { countRecoveryCodes, findTotp } from '../../store/factors.ts'
import { type PasskeyRow, passkeysOf } from '../../store/passkeys.ts'
import { findUser } from '../../store/users.ts'
import { changing, originOf, signedIn } from './person.ts'
import { AnyProof, CreatedPasskey } from './proofs.ts'

const Name = Type.String({ minLength: 1, maxLength: 200 })
const PasskeyPath = Type.Object({ id: Type.String({ pattern: '^\\d{1,18}$' }) })

export const factorRoutes: Plugin<{ identity: Identity }> = async (app, { identity }) => {
  const { db } = identity

  app.get('/factors', async (request) => {
    const { person } = await signedIn(identity, request)
    const user = (await findUser(db, person.id))!
    const totp = await findTotp(db, person.id)
    const passkeys = await passkeysOf(db, person.id)
    return {
      totp: { enabled: totp?.confirmedAt != null, since: totp?.confirmedAt ?? null },
      recoveryCodes: await countRecoveryCodes(db, person.id),
      passkeys: passkeys.map(describePasskey),
      /** Whether browsers make passkeys for the address of this cloud. */
      passkeysWork: passkeysWork(identity),
      waysToProve: await waysToProve(db, user),
    }
  })

  app.post('/confirm', { schema: { body: AnyProof } }, async (request) => {
    const { person } = await changing(identity, request)
    await confirm(identity, person, request.body, originOf(request))
    return {}
  })

  app.post('/confirm/passkey', async (request) => {
    const { person } = await changing(identity, request)
    return askForPasskey(identity, 'confirm', person, originOf(request))
  })

  app.post('/factors/totp', async (request) => {
    const { person } = await changing(identity, request)
    return db.transaction((tx) => setUpTotp(identity, tx, person, originOf(request)))
  })

  app.post(
    '/factors/totp/confirm',
    { schema: { body: Type.Object({ code: Type.String({ maxLength: 20 }) }) } },
    async (request) => {
      const { person } = await changing(identity, request)
      return confirmTotp(identity, person, request.body.code, originOf(request))
    },
  )

  app.delete('/factors/totp', async (request, reply) => {
    const { person } = await changing(identity, request)
    await db.transaction((tx) => disableTotp(identity, tx, person, originOf(request)))
    return reply.code(204).send()
  })

  app.post('/factors/recovery-codes', async (request) => {
    const { person } = await changing(identity, request)
    return { recoveryCodes: await db.transaction((tx) => renewRecoveryCodes(identity, tx, person, originOf(request))) }
  })

  app.post('/passkeys/options', async (request) => {
    const { person } = await changing(identity, request)
    await requireFreshProof(identity, db, person)
    return askToRegister(identity, person, originOf(request))
  })

  app.post('/passkeys', { schema: { body: Type.Object({ name: Name, response: CreatedPasskey }) } }, async (request, reply) => {
    const { person } = await changing(identity, request)
    const { passkey, ...rest } = await addPasskey(identity, person, request.body, originOf(request))
    reply.code(201)
    return { passkey: describePasskey(passkey), ...rest }
  })

  app.put('/passkeys/:id', { schema: { params: PasskeyPath, body: Type.Object({ name: Name }) } }, async (request, reply) => {
    const { person } = await changing(identity, request)
    const { params, body } = request
    await db.transaction((tx) => renameOwnPasskey(identity, tx, person, BigInt(params.id), body.name))
    return reply.code(204).send()
  })

  app.delete('/passkeys/:id', { schema: { params: PasskeyPath } }, async (request, reply) => {
    const { person } = await changing(identity, request)
    const id = BigInt(request.params.id)
    await db.transaction((tx) => removePasskey(identity, tx, person, id, originOf(request)))
    return reply.code(204).send()
  })
}

const describePasskey = ({ id, name, isSynced, createdAt, lastUsedAt }: PasskeyRow) => ({
  id: String(id),
  name,
  synced: isSynced,
  createdAt,
  lastUsedAt,
})
