// Service definition documents: what a component offers, as JSON that one host exports and another one imports.
import { Fault } from '@synnefo/lib/fault'
import type { Tx } from '@synnefo/lib/sql'
import type { Identity } from '../identity.ts'
import { findComponent } from '../store/components.ts'
import { componentUrls } from './catalog.ts'
import { addressOf } from './endpoints.ts'
import { type ResourceDefinition, registerResource } from './resources.ts'
import { registerService } from './services.ts'
import { endpointData, STANDARD_COMPONENTS, STANDARD_RESOURCES } from './standard-services.ts'

type Dict = Record<string, unknown>

const isDict = (value: unknown): value is Dict => typeof value === 'object' && value !== null && !Array.isArray(value)

interface ServiceDocument {
  name: string
  component: string
  type: string
  prefix: string
  endpoints: Record<string, string>[]
  resources: ResourceDefinition[]
}

export interface Imported {
  /** What was done, a line each. */
  done: string[]
  /** What an operator should look at. */
  warnings: string[]
}

/** Registers everything that the document defines, or brings it up to date; all of it or nothing. */
export async function importDocument(identity: Identity, tx: Tx, document: unknown): Promise<Imported> {
  const report: Imported = { done: [], warnings: [] }
  for (const service of readDocument(document)) {
    const component = await findComponent(tx, service.component)
    if (!component)
      throw new Fault('badRequest', `Component '${service.component}' of service '${service.name}' is not registered`)
    // Where the services of this cloud are is computed when it is asked for: its address may change.
    const isBelow = component.path !== null
    const { baseUrl } = componentUrls(component, identity.baseUrl())
    for (const { publicURL } of service.endpoints) {
      if (publicURL !== undefined && !isAt(publicURL, baseUrl ?? ''))
        report.warnings.push(`Endpoint ${publicURL} of service ${service.name} is not below the component's base URL ${baseUrl}`)
    }
    const endpoints = service.endpoints.map(({ publicURL, ...data }) => {
      const computed = addressOf(baseUrl ?? '', service.prefix, data)
      return isBelow && (publicURL ?? computed) === computed ? data : { ...data, publicURL: publicURL ?? computed }
    })
    const { name, type, prefix, resources } = service
    const isNew = await registerService(identity, tx, component, { name, type, prefix, endpoints })
    report.done.push(`${isNew ? 'Added' : 'Updated'} service ${name}.`)
    for (const resource of resources) {
      const created = await registerResource(identity, tx, resource)
      const how = created ? 'created in database with unlimited quota.' : 'updated in database.'
      report.done.push(`Resource '${resource.name}' ${how}`)
    }
  }
  return report
}

const isAt = (url: string, base: string) => url === base || url.startsWith(`${base.replace(/\/+$/, '')}/`)

function readDocument(document: unknown): ServiceDocument[] {
  if (!isDict(document)) throw new Fault('badRequest', 'The service definitions should be a JSON dict')
  return Object.entries(document).map(([name, definition]) => {
    const malformed = (what: string) => new Fault('badRequest', `Malformed definition of service '${name}': ${what}`)
    if (!/^[\w.-]{1,255}$/.test(name)) throw malformed('it has no name')
    if (!isDict(definition)) throw malformed('it should be a dict')
    const { component, type, prefix = '', endpoints, resources = {} } = definition
    if (typeof component !== 'string' || component === '') throw malformed('component is missing')
    if (typeof type !== 'string' || type === '') throw malformed('type is missing')
    if (typeof prefix !== 'string') throw malformed('prefix should be a text')
    if (!Array.isArray(endpoints)) throw malformed('endpoints should be a list')
    if (!isDict(resources)) throw malformed('resources should be a dict')
    return {
      name,
      component,
      type,
      prefix,
      endpoints: endpoints.map((endpoint) => readEndpoint(endpoint, malformed)),
      resources: Object.values(resources).map((resource) => readResource(name, resource)),
    }
  })
}

/** Values are texts; a boolean is `True` or `False`, and what is null is not said. */
function readEndpoint(endpoint: unknown, malformed: (what: string) => Fault): Record<string, string> {
  if (!isDict(endpoint)) throw malformed('an endpoint should be a dict')
  const data: Record<string, string> = {}
  for (const [key, value] of Object.entries(endpoint)) {
    if (typeof value === 'string') data[key] = key === 'publicURL' ? readAddress(value, malformed) : value
    else if (typeof value === 'boolean') data[key] = value ? 'True' : 'False'
    else if (typeof value === 'number' || typeof value === 'bigint') data[key] = String(value)
    else if (value !== null) throw malformed(`${key} of an endpoint should be a text`)
  }
  if (data['versionId'] === undefined) throw malformed('versionId of an endpoint is missing')
  return data
}

function readAddress(text: string, malformed: (what: string) => Fault): string {
  if (!/^https?:\/\/[^\s/]/.test(text)) throw malformed(`publicURL '${text}' is no address`)
  return text.replace(/\/+$/, '')
}

function readResource(service: string, resource: unknown): ResourceDefinition {
  const malformed = (what: string) =>
    new Fault('badRequest', `Malformed definition of a resource of service '${service}': ${what}`)
  if (!isDict(resource)) throw malformed('it should be a dict')
  const { name, desc = '', unit = null, service_type: serviceType, service_origin: serviceOrigin } = resource
  if (typeof name !== 'string' || !/^[\w.-]{1,255}$/.test(name)) throw malformed('name is missing')
  if (typeof desc !== 'string') throw malformed(`desc of '${name}' should be a text`)
  if (unit !== null && unit !== '' && unit !== 'bytes') throw malformed(`unit of '${name}' should be 'bytes', or left out`)
  if (typeof serviceType !== 'string') throw malformed(`service_type of '${name}' is missing`)
  if (serviceOrigin !== service) {
    throw new Fault(
      'badRequest',
      `service_origin mismatch: resource '${name}' of service '${service}' says '${String(serviceOrigin)}'`,
    )
  }
  const flag = (key: string) => {
    const value = resource[key] ?? true
    if (typeof value !== 'boolean') throw malformed(`${key} of '${name}' should be true or false`)
    return value
  }
  return {
    name,
    description: desc,
    unit: unit === 'bytes' ? 'bytes' : null,
    serviceType,
    serviceOrigin,
    uiVisible: flag('ui_visible'),
    apiVisible: flag('api_visible'),
  }
}

/** The public services of a standard component, with addresses below this base URL. Undefined for other components. */
export function exportDocument(componentName: string, baseUrl: string): Dict | undefined {
  const component = STANDARD_COMPONENTS.find(({ name }) => name === componentName)
  if (!component) return undefined
  const exported = component.services.filter(({ internal }) => !internal)
  const services = exported.map((service) => {
    const { versionId, ...flags } = endpointData(service)
    const endpoint = {
      versionId,
      publicURL: addressOf(baseUrl, service.prefix, { versionId, ...flags }),
      'SNF:exposeVersion': service.endpoint.exposeVersion,
    }
    return [
      service.name,
      {
        type: service.type,
        component: component.name,
        prefix: service.prefix,
        public: true,
        endpoints: [endpoint],
        resources: Object.fromEntries(resourcesOf(service.name)),
      },
    ]
  })
  return Object.fromEntries(services)
}

function resourcesOf(service: string): [string, Dict][] {
  return STANDARD_RESOURCES.filter(({ serviceOrigin }) => serviceOrigin === service).map((resource) => [
    resource.name.slice(resource.name.indexOf('.') + 1),
    {
      name: resource.name,
      desc: resource.description,
      ...(resource.unit === null ? {} : { unit: resource.unit }),
      service_type: resource.serviceType,
      service_origin: resource.serviceOrigin,
      ...(resource.hidden ? { ui_visible: false, api_visible: false } : {}),
    },
  ])
}
