import { constants } from 'node:fs'
import { access, chmod, stat } from 'node:fs/promises'
import type { Log } from '@synnefo/lib/log'
import { HostNotReady } from '../errors.ts'

const TUN = '/dev/net/tun'
/** What udev gives it. Opening it is no privilege: it reaches one's own devices only. */
const USUAL_MODE = 0o666

/** Machines open their taps by this device: as root, lets their user do so where nothing else has. */
export async function openTunTo(uid: number, log: Log): Promise<void> {
  const { mode } = await stat(TUN).catch(missing)
  if (uid === 0 || (mode & USUAL_MODE) === USUAL_MODE) return
  log.info({ device: TUN }, 'opening the device to all users, as is usual')
  await chmod(TUN, USUAL_MODE)
}

/** The same without root, where we can but look. */
export async function checkTun(): Promise<void> {
  await stat(TUN).catch(missing)
  await access(TUN, constants.R_OK | constants.W_OK).catch(() => {
    throw new HostNotReady(`Machines need ${TUN}, which this user may not open. As root: chmod 0666 ${TUN}`)
  })
}

function missing(cause: unknown): never {
  throw new HostNotReady(`Machines need ${TUN}, which is missing. As root: modprobe tun`, { cause })
}
