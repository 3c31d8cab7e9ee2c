import type { Plugin } from '@synnefo/lib/http'
import type { Identity } from '../../identity.ts'
import { presentGroups, presentResources } from '../../wire/resource-presentation.ts'

/** GET /ui/api/resources: what pages may show is counted, how it is called and explained, and in which order. */
export const resourcePresentationRoutes: Plugin<{ identity: Identity }> = async (app, { identity }) => {
  app.get('/resources', async () => {
    const meta = identity.settings.ASTAKOS_RESOURCES_META
    const visible = (await identity.resources.get()).filter(({ uiVisible }) => uiVisible)
    const units = new Map(visible.map(({ name, unit }) => [name, unit]))
    return {
      groups: presentGroups(meta),
      resources: presentResources(visible, meta).map((resource) => ({ ...resource, unit: units.get(resource.name) })),
    }
  })
}
