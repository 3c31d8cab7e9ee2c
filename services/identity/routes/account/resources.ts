import type { Identity } from '../../identity.ts'
import type { Serve } from '../dialect.ts'

export function resourceRoutes(serve: Serve, { resources: registered }: Identity): void {
  serve('/v1.0/resources', {
    GET: async () => {
      const resources = (await registered.get()).filter(({ apiVisible }) => apiVisible)
      return Object.fromEntries(
        resources.map(({ name, unit, description, serviceOrigin, uiVisible, apiVisible }) => [
          name,
          { unit, description, service: serviceOrigin, ui_visible: uiVisible, api_visible: apiVisible },
        ]),
      )
    },
  })
}
