import type { FastifyReply } from 'fastify'
import type { Identity } from '../../identity.ts'
import type { Principal } from '../../tokens/authenticate.ts'
import { showClassicToken } from '../../tokens/tokens.ts'

/** The person's configuration file for kamaki, as a download. */
export async function kamakirc(identity: Identity, reply: FastifyReply, person: Principal): Promise<string> {
  const { secret } = await identity.db.transaction((tx) => showClassicToken(identity, tx, person))
  const { ASTAKOS_KAMAKI_CONFIG_CLOUD_NAME: chosen, BRANDING_SERVICE_NAME: service } = identity.settings
  const cloud = chosen || service.toLowerCase().replaceAll(' ', '_')
  reply.type('text/plain; charset=utf-8').header('Content-Disposition', 'attachment; filename=".kamakirc"')
  return `[global]
default_cloud = ${cloud}

[cloud "${cloud}"]
url = ${identity.baseUrl()}/astakos/identity/v2.0
token = ${secret}
`
}
