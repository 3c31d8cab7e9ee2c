// Makes a disk that holds a copy of an image into the disk of one server: file system growth, password, host
// name, SSH keys, files, network set-up.

export interface DeployFile {
  /** Absolute path inside the guest. */
  path: string
  contents: Uint8Array
  /** Names in the image; root when absent. */
  owner?: string
  group?: string
  /** Permission bits, such as 0o600; 0o440 when absent. */
  mode?: number
}

export interface DeployNic {
  mac: string
  dhcp: boolean
  /** With prefix length, such as 10.0.0.5/24: what the interface is given when it does not use DHCP. */
  addresses: readonly string[]
  /** Where an interface with fixed addresses sends what leaves its networks, one for IPv4 and one for IPv6 at most. */
  gateways?: readonly string[]
  /** The one that the default route leads through. */
  primary: boolean
}

export interface DeployJob {
  /** The NBD socket of the disk, export name `exportName`. */
  disk: { socketPath: string; exportName: string }
  /** Image properties as registered, in any case: OSFAMILY, ROOT_PARTITION, USERS, EXCLUDE_TASK_* … (spec node-tools). */
  properties: Readonly<Record<string, string>>
  hostname: string
  /** Undefined leaves passwords alone. */
  password?: string
  authorizedKeys: readonly string[]
  files: readonly DeployFile[]
  nics: readonly DeployNic[]
  /** What cloud-init in the guest gets as user data, when the image leaves its configuration to cloud-init. */
  cloudUserData?: Uint8Array
}

export interface DeployReport {
  /** Task names of the specification, in the order in which they ran. */
  tasks: string[]
  /** What was left out although it may have been wanted, in words for the server's owner. */
  warnings: string[]
}

/** Customises disks. A password or key is never on a command line nor in a file of the host. */
export interface ImageDeploy {
  /**
   * Customises one disk, which nobody else may use meanwhile. Fails with `DeployFailed` when that cannot be done: the
   * disk is then in an undefined state and the message is meant for the server's owner. Rejects with the signal's
   * reason when that is aborted.
   */
  deploy(job: DeployJob, options?: DeployOptions): Promise<DeployReport>
}

export interface DeployOptions {
  signal?: AbortSignal
  /** Told each task as it starts. */
  onTask?: (task: string) => void
}

export class DeployFailed extends Error {
  readonly details: string
  constructor(message: string, details = '', options?: ErrorOptions) {
    super(message, options)
    this.name = 'DeployFailed'
    this.details = details
  }
}
