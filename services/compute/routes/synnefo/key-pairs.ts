import { type App, dateText, Type } from '@synnefo/lib/http'
import type { Compute } from '../../compute.ts'
import { createKeyPair, removeKeyPair, showKeyPair } from '../../key-pairs/key-pairs.ts'
import { type KeyPairRow, keyPairsOf } from '../../store/key-pairs.ts'

const NewKeyPair = Type.Object({
  keypair: Type.Object({ name: Type.String(), public_key: Type.Optional(Type.Union([Type.String(), Type.Null()])) }),
})
const NamePath = Type.Object({ name: Type.String() })

const brief = ({ name, fingerprint, content }: KeyPairRow) => ({ name, fingerprint, public_key: content })

export async function keyPairs(app: App, { compute }: { compute: Compute }): Promise<void> {
  const { db, settings } = compute
  app.get('/os-keypairs', async ({ caller }) => ({
    keypairs: (await keyPairsOf(db, caller.userId)).map((pair) => ({ keypair: brief(pair) })),
  }))
  app.post('/os-keypairs', { schema: { body: NewKeyPair } }, async ({ caller, body }, reply) => {
    const { name, public_key: publicKey } = body.keypair
    const pair = await db.transaction((tx) => createKeyPair(tx, settings, caller, { name, ...(publicKey ? { publicKey } : {}) }))
    reply.code(201)
    return { keypair: { ...brief(pair), ...(pair.privateKey ? { private_key: pair.privateKey } : {}) } }
  })
  app.get('/os-keypairs/:name', { schema: { params: NamePath } }, async ({ caller, params }) => {
    const pair = await showKeyPair(db, caller, params.name)
    const { id, createdAt, updatedAt } = pair
    return {
      keypair: {
        ...brief(pair),
        id,
        deleted: false,
        deleted_at: null,
        created_at: dateText(createdAt),
        updated_at: dateText(updatedAt),
      },
    }
  })
  app.delete('/os-keypairs/:name', { schema: { params: NamePath } }, async ({ caller, params }, reply) => {
    await db.transaction((tx) => removeKeyPair(tx, caller, params.name))
    return reply.code(204).send()
  })
}
