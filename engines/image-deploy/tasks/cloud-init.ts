import { randomUUID } from 'node:crypto'
import type { Task } from './task.ts'

const SEED = '/var/lib/cloud/seed/nocloud-net'
export const CLOUD_CONFIG = '/etc/cloud/cloud.cfg.d'

/** Tells cloud-init in the guest what the other tasks would do: it finds everything on its own disk. JSON is YAML. */
export const initializeDatasource: Task = {
  name: 'InitializeDatasource',
  mounted: true,
  cloudInit: 'only',
  async run({ job, properties, passwordHash, root, runs }) {
    const keys = runs('ChangePassword') && job.authorizedKeys.length > 0 ? { 'public-keys': job.authorizedKeys } : {}
    const name = runs('AssignHostname') ? { 'local-hostname': job.hostname } : {}
    await root.write(`${SEED}/meta-data`, `${JSON.stringify({ 'instance-id': randomUUID(), ...name, ...keys })}\n`)
    await root.write(`${SEED}/user-data`, job.cloudUserData ?? '#cloud-config\n{}\n', { mode: 0o600 })
    const passwords = runs('ChangePassword') && passwordHash !== undefined ? passwordConfig(properties.users, passwordHash) : {}
    await root.write(`${CLOUD_CONFIG}/90_synnefo.cfg`, `${JSON.stringify({ datasource_list: ['NoCloud'], ...passwords })}\n`, {
      mode: 0o600,
    })
  },
}

const passwordConfig = (users: readonly string[], hash: string) => ({
  ssh_pwauth: true,
  chpasswd: { expire: false, list: users.map((user) => `${user}:${hash}`) },
})
