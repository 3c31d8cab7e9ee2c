// Reasons as the owner of a server reads them: what happened and what may help, nothing about the inside of the host.

/** Something that cannot be done, for a reason worded for the server's owner. */
export class Refusal extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'Refusal'
  }
}

/** Errors of other engines whose messages are meant for people. */
const WORDED = new Set(['Refusal', 'DeployFailed', 'SpecRefused', 'HostNotReady'])
const FULL_DISK = new Set(['ENOSPC', 'EDQUOT'])

export function inWords(error: unknown): string {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (WORDED.has(cause.name)) return cause.message
    if (FULL_DISK.has((cause as NodeJS.ErrnoException).code ?? '') || cause.name === 'NoSpace') return NO_DISK_SPACE
  }
  return 'The host could not do it because of a fault of its own; its log says more'
}

export const NO_DISK_SPACE = 'The host has no disk space left'
export const NOT_MADE = 'The server could not be made'
export const DISK_TROUBLE = 'Its disk cannot be read or written at the moment; the machine waits'

export const QEMU_MISSING = 'QEMU is not installed on the host: its package is qemu-system-x86'

export function notEnoughMemory(neededBytes: number, freeBytes: number): string {
  const mib = (bytes: number) => `${Math.max(0, Math.floor(bytes / 2 ** 20))} MiB`
  return `The host has not enough memory: the machine needs ${mib(neededBytes)}, ${mib(freeBytes)} are free`
}

/** Why a QEMU process that ought to live is gone, from its last words. */
export function causeOfDeath(lastWords: string, outOfMemory: boolean): string {
  if (outOfMemory) return 'The host ran out of memory and ended the machine'
  if (/terminating on signal/.test(lastWords)) return 'The machine was ended from outside, on the host'
  return 'The machine ended unexpectedly'
}

/** Why QEMU did not start, from its last words. */
export function causeOfFalseStart(lastWords: string): string {
  if (/annot allocate memory/.test(lastWords)) return 'The host has not enough memory for the machine'
  if (/Failed to connect to|NBD|nbd/.test(lastWords)) return 'The disks of the machine cannot be reached'
  if (/could not configure \/dev\/net\/tun|TUNSETIFF|network device/.test(lastWords))
    return 'The network card of the machine cannot be connected'
  return 'The machine could not be started: QEMU ended at once'
}
