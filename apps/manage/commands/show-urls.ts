import { serveAll } from '@synnefo/app-cloud/routes'
import { openSimulated } from '@synnefo/engine-mail'
import { openHttp, routesOf } from '@synnefo/lib/http'
import { silentLog } from '@synnefo/lib/log'
import { defineCommand } from './define.ts'

export const showUrls = defineCommand({
  name: 'show_urls',
  summary: 'List every address that the cloud answers, with its methods',
  input: {},
  async run({ terminal, ...services }) {
    const app = openHttp({ log: silentLog })
    try {
      await serveAll(app, { services, mailer: openSimulated(), storageFull: () => false, webFolder: undefined })
      await app.ready()
      const methods = new Map<string, Set<string>>()
      for (const { url, method } of routesOf(app)) methods.set(url, (methods.get(url) ?? new Set()).add(method))
      const rows = [...methods].map(([url, of]) => ({ url, methods: [...of] })).sort((a, b) => (a.url < b.url ? -1 : 1))
      terminal.table(rows, { fields: ['url', 'methods'] })
    } finally {
      await app.close()
    }
  },
})
