import type { App } from '@synnefo/lib/http'

/** What OpenStack clients ask before they begin (§2.7). */
export async function extensions(app: App): Promise<void> {
  app.get('/extensions', async () => ({ extensions: [] }))
  app.get('/extensions/:alias', async (_request, reply) => reply.code(404).send())
  app.get('/limits', async () => ({ limits: { rate: [], absolute: {} } }))
}
