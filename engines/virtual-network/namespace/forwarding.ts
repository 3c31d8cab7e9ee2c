// A host forwards packets between data planes and its way out only where that is turned on, device by device. What we
// turned on serves all clouds of the host, so the last one that goes turns it off. Marks say which devices did not
// forward before; they lie where a restart of the host, which turns all off, takes them away too.

import { existsSync, readFileSync } from 'node:fs'
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { HostNotReady } from '../errors.ts'

const MARKS = '/run/synnefo-forwarding'

export async function turnForwardingOn(device: string): Promise<void> {
  if (isForwarding(device)) return
  await mkdir(MARKS, { recursive: true })
  await writeFile(join(MARKS, device), '')
  await writeFile(switchOf(device), '1').catch((cause) => {
    throw new HostNotReady(`This host does not forward packets of ${device}. As root: sysctl -w net.ipv4.ip_forward=1`, { cause })
  })
}

/** Puts back what was found, once no cloud needs it any more. */
export async function turnForwardingOff(): Promise<void> {
  if (!existsSync(MARKS)) return
  for (const device of await readdir(MARKS)) {
    if (existsSync(switchOf(device))) await writeFile(switchOf(device), '0')
  }
  await rm(MARKS, { recursive: true })
}

export function isForwarding(device: string): boolean {
  return !existsSync(switchOf(device)) || readFileSync(switchOf(device), 'utf8').trim() !== '0'
}

function switchOf(device: string): string {
  return `/proc/sys/net/ipv4/conf/${device}/forwarding`
}
