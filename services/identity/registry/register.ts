import type { Tx } from '@synnefo/lib/sql'
import { type Identity, REGISTRY } from '../identity.ts'
import { INFINITE } from '../quota/arithmetic.ts'
import { hashSecret, newSecret } from '../secrets.ts'
import { syncLimits } from '../store/holdings.ts'
import { limitEveryProject, upsertResource } from '../store/resources.ts'
import { insertComponent, replaceService } from '../store/services.ts'
import { sealComponentToken } from './components.ts'
import { STANDARD_COMPONENTS, STANDARD_RESOURCES, type StandardResource } from './standard-services.ts'

/** Registers everything that this release offers. Run at each start: what is there already keeps its tokens and limits. */
export async function registerCatalog(identity: Identity): Promise<void> {
  await identity.db.transaction(async (tx) => {
    for (const { name, path, services } of STANDARD_COMPONENTS) {
      const secret = newSecret()
      const tokenSealed = sealComponentToken(identity, name, secret)
      const { id } = await insertComponent(tx, { name, path, tokenHash: hashSecret(secret), tokenSealed })
      for (const { endpoint, ...service } of services) {
        const data = { versionId: endpoint.versionId, 'SNF:exposeVersion': endpoint.exposeVersion ? 'True' : 'False' }
        await replaceService(tx, { ...service, componentId: id, endpoint: data })
      }
    }
    for (const resource of STANDARD_RESOURCES) await registerResource(tx, resource)
    tx.announces(REGISTRY)
    tx.afterCommit(() => identity.catalog.forget())
  })
}

/** A resource that was not known before is limited in every project from now on. */
export async function registerResource(tx: Tx, { hidden = false, ...resource }: StandardResource): Promise<void> {
  const visible = { uiVisible: !hidden, apiVisible: !hidden }
  const isNew = await upsertResource(tx, { ...resource, ...visible, projectDefault: hidden ? INFINITE : 0n })
  if (isNew) await syncLimits(tx, await limitEveryProject(tx, resource.name))
}
