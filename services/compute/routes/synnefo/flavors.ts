import { type App, idInPath, linksTo, Type } from '@synnefo/lib/http'
import type { Compute } from '../../compute.ts'
import { flavorName, listFlavors, showFlavor } from '../../flavors/flavors.ts'
import { accessOfFlavors, type FlavorRow } from '../../store/flavors.ts'
import { IdPath } from './shapes.ts'

const Query = Type.Object({
  'SNF:is_public': Type.Optional(Type.String()),
  'SNF:flavor-access': Type.Optional(Type.String({ format: 'uuid' })),
})

export async function flavors(app: App, { compute }: { compute: Compute }): Promise<void> {
  const { db } = compute
  const brief = (flavor: FlavorRow) => ({
    id: flavor.id,
    name: flavorName(flavor),
    links: linksTo(`${compute.baseUrl()}/cyclades/compute/v2.0/flavors/${flavor.id}`),
  })
  /** Names only those projects with access that the caller is in. */
  async function full(rows: FlavorRow[], projects: string[]) {
    const access = await accessOfFlavors(
      db,
      rows.map(({ id }) => id),
      projects,
    )
    return rows.map((flavor) => ({
      ...brief(flavor),
      vcpus: flavor.cpu,
      ram: flavor.ramMib,
      disk: flavor.diskGib,
      'os-flavor-access:is_public': flavor.public,
      'SNF:disk_template': flavor.diskTemplate,
      'SNF:volume_type': flavor.volumeTypeId,
      'SNF:allow_create': flavor.allowCreate,
      'SNF:flavor-access': access.filter(({ flavorId }) => flavorId === flavor.id).map(({ project }) => project),
    }))
  }
  const filterOf = (query: { 'SNF:is_public'?: string; 'SNF:flavor-access'?: string }) => ({
    ...(query['SNF:is_public'] === undefined ? {} : { public: query['SNF:is_public'].toLowerCase() === 'true' }),
    ...(query['SNF:flavor-access'] === undefined ? {} : { access: query['SNF:flavor-access'] }),
  })

  app.get('/flavors', { schema: { querystring: Query } }, async ({ caller, query }) => ({
    flavors: (await listFlavors(db, caller, filterOf(query))).map(brief),
  }))
  app.get('/flavors/detail', { schema: { querystring: Query } }, async ({ caller, query }) => ({
    flavors: await full(await listFlavors(db, caller, filterOf(query)), caller.projects),
  }))
  app.get('/flavors/:id', { schema: { params: IdPath } }, async ({ caller, params }) => ({
    flavor: (await full([await showFlavor(db, caller, idInPath(params.id))], caller.projects))[0],
  }))
  app.get('/flavors/:id/os-extra_specs', { schema: { params: IdPath } }, async ({ caller, params }) => {
    await showFlavor(db, caller, idInPath(params.id))
    return { extra_specs: {} }
  })
}
