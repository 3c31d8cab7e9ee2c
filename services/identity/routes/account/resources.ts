import type { Identity } from '../../identity.ts'
import { listResources } from '../../store/resources.ts'
import type { Serve } from '../dialect.ts'

export function resourceRoutes(serve: Serve, { db }: Identity): void {
  serve('/v1.0/resources', {
    GET: async () => {
      const resources = (await listResources(db)).filter(({ apiVisible }) => apiVisible)
      return Object.fromEntries(
        resources.map(({ name, unit, description, serviceOrigin, uiVisible, apiVisible }) => [
          name,
          { unit, description, service: serviceOrigin, ui_visible: uiVisible, api_visible: apiVisible },
        ]),
      )
    },
  })
}
