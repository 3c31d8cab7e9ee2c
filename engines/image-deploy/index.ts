// Makes a disk that holds a copy of an image into the disk of one server: file system growth, password, host
// name, SSH keys, files, network set-up; done by a short-lived helper VM that sees only this disk.

export interface DeployFile {
  /** Absolute path inside the guest. */
  path: string
  contents: Uint8Array
  owner?: string
  group?: string
  /** Octal, such as 0o600. */
  mode?: number
}

export interface DeployNic {
  mac: string
  dhcp: boolean
  addresses: readonly string[]
  primary: boolean
}

export interface DeployJob {
  /** The NBD socket of the disk, export name `exportName`. */
  disk: { socketPath: string; exportName: string }
  /** Image properties as registered: OSFAMILY, ROOT_PARTITION, USERS, EXCLUDE_TASK_* … (spec node-tools). */
  properties: Readonly<Record<string, string>>
  hostname: string
  /** Undefined leaves passwords alone. */
  password?: string
  authorizedKeys: readonly string[]
  files: readonly DeployFile[]
  nics: readonly DeployNic[]
}

export interface DeployReport {
  /** Task names of the specification, in the order in which they ran. */
  tasks: string[]
  warnings: string[]
}

/** Customises disks. Secrets travel on the helper's private channel, never on a command line. */
export interface ImageDeploy {
  /** Fails with `DeployFailed` when the disk cannot be customised; the message is meant for the server's owner. */
  deploy(job: DeployJob, options?: { signal?: AbortSignal; onTask?: (task: string) => void }): Promise<DeployReport>
}

export class DeployFailed extends Error {
  readonly details: string
  constructor(message: string, details = '') {
    super(message)
    this.name = 'DeployFailed'
    this.details = details
  }
}
