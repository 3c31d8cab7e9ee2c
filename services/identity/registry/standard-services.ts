// What every cloud offers: its components, their services and endpoints, and the resources that are counted.
// Seeded at each start, so that a new release brings its services along; limits are seeded once and then belong to
// the operator.
import { INFINITE } from '../quota/arithmetic.ts'

export interface StandardEndpoint {
  versionId: string
  /** The address ends in the version; otherwise clients append it. */
  exposeVersion: boolean
}

export interface StandardService {
  name: string
  type: string
  /** Path below the component. */
  prefix: string
  endpoint: StandardEndpoint
  /** Only for this cloud: it is not among the definitions that are exported to another one. */
  internal?: boolean
}

export interface StandardComponent {
  name: string
  /** Path below the base URL of the cloud. */
  path: string
  services: readonly StandardService[]
}

/** An endpoint as it is registered: without an address, which is computed from where the component is. */
export const endpointData = ({ endpoint: { versionId, exposeVersion } }: StandardService) => ({
  versionId,
  'SNF:exposeVersion': exposeVersion ? 'True' : 'False',
})

const versioned = (versionId: string): StandardEndpoint => ({ versionId, exposeVersion: true })
/** The client appends the version to the address. */
const unversioned = (versionId: string): StandardEndpoint => ({ versionId, exposeVersion: false })
const plain: StandardEndpoint = { versionId: '', exposeVersion: true }

export const STANDARD_COMPONENTS: readonly StandardComponent[] = [
  {
    name: 'astakos',
    path: 'astakos',
    services: [
      { name: 'astakos_account', type: 'account', prefix: 'account', endpoint: versioned('v1.0') },
      { name: 'astakos_identity', type: 'identity', prefix: 'identity', endpoint: versioned('v2.0') },
      { name: 'astakos_weblogin', type: 'astakos_weblogin', prefix: 'weblogin', endpoint: plain },
      { name: 'astakos_oauth2', type: 'astakos_auth', prefix: 'oauth2', endpoint: plain },
    ],
  },
  {
    name: 'cyclades',
    path: 'cyclades',
    services: [
      { name: 'cyclades_compute', type: 'compute', prefix: 'compute', endpoint: versioned('v2.0') },
      { name: 'cyclades_plankton', type: 'image', prefix: 'image', endpoint: unversioned('v1.0') },
      { name: 'cyclades_network', type: 'network', prefix: 'network', endpoint: unversioned('v2.0') },
      { name: 'cyclades_vmapi', type: 'vmapi', prefix: 'vmapi', endpoint: versioned('v1.0') },
      { name: 'cyclades_admin', type: 'admin', prefix: 'admin', endpoint: plain },
      { name: 'cyclades_volume', type: 'volume', prefix: 'volume', endpoint: unversioned('v2.0') },
    ],
  },
  {
    name: 'pithos',
    path: 'pithos',
    services: [
      { name: 'pithos_object-store', type: 'object-store', prefix: 'object-store', endpoint: versioned('v1') },
      { name: 'pithos_public', type: 'pithos_public', prefix: 'public', endpoint: plain, internal: true },
      { name: 'pithos_ui', type: 'pithos_ui', prefix: 'ui', endpoint: plain, internal: true },
    ],
  },
]

export interface StandardResource {
  name: string
  description: string
  unit: 'bytes' | null
  serviceType: string
  serviceOrigin: string
  /** Limit of a person's own project in a new cloud. */
  systemDefault: bigint
  /** Neither pages nor the API show it. */
  hidden?: boolean
}

const GIB = 1024n ** 3n
const compute = { serviceType: 'compute', serviceOrigin: 'cyclades_compute' }
const network = { serviceType: 'network', serviceOrigin: 'cyclades_network' }

/** The defaults let a new person start two small servers, with room for the images and snapshots they come from. */
export const STANDARD_RESOURCES: readonly StandardResource[] = [
  { ...compute, name: 'cyclades.vm', description: 'Number of virtual machines', unit: null, systemDefault: 4n },
  {
    ...compute,
    name: 'cyclades.total_cpu',
    description: 'Number of virtual machine processors',
    unit: null,
    systemDefault: INFINITE,
    hidden: true,
  },
  {
    ...compute,
    name: 'cyclades.cpu',
    description: 'Number of processors of running virtual machines',
    unit: null,
    systemDefault: 8n,
  },
  {
    ...compute,
    name: 'cyclades.total_ram',
    description: 'Virtual machine memory size',
    unit: 'bytes',
    systemDefault: INFINITE,
    hidden: true,
  },
  {
    ...compute,
    name: 'cyclades.ram',
    description: 'Memory size of running virtual machines',
    unit: 'bytes',
    systemDefault: 8n * GIB,
  },
  { ...compute, name: 'cyclades.disk', description: 'Virtual machine disk size', unit: 'bytes', systemDefault: 100n * GIB },
  { ...network, name: 'cyclades.network.private', description: 'Number of private networks', unit: null, systemDefault: 4n },
  { ...network, name: 'cyclades.floating_ip', description: 'Number of floating IP addresses', unit: null, systemDefault: 4n },
  {
    name: 'pithos.diskspace',
    description: 'Pithos account diskspace',
    unit: 'bytes',
    serviceType: 'object-store',
    serviceOrigin: 'pithos_object-store',
    systemDefault: 50n * GIB,
  },
  {
    name: 'astakos.pending_app',
    description: 'Number of pending project applications',
    unit: null,
    serviceType: 'account',
    serviceOrigin: 'astakos_account',
    systemDefault: 3n,
    hidden: true,
  },
]
