// The command line of one machine.
import { join } from 'node:path'

export interface MachineFiles {
  /** QEMU writes it, holds a lock on it while it lives, and refuses to start when another one does. */
  pidFile: string
  qmp: string
  vnc: string
  serial: string
  /** What QEMU says on standard error. */
  log: string
}

export function machineFiles(folder: string): MachineFiles {
  const at = (name: string) => join(folder, name)
  return { pidFile: at('pid'), qmp: at('qmp'), vnc: at('vnc'), serial: at('serial'), log: at('log') }
}

export type Acceleration = 'kvm' | 'tcg'

export interface MachineSpec {
  name: string
  cpus: number
  ramBytes: number
  disks: readonly { name: string; socketPath: string }[]
  /** Without a device the card is there but its cable is not. */
  nics: readonly { mac: string; device?: string }[]
  acceleration: Acceleration
  files: MachineFiles
  user?: { uid: number; gid: number }
}

/**
 * While whoever serves a disk is away (restarted, updated, or taken down with machines left running), requests wait
 * this long for it to come back; the guest notices nothing but the pause.
 */
const RECONNECT_SECONDS = 7 * 24 * 3600
/** How long a start waits for the disks to answer. */
const OPEN_SECONDS = 20
/** The cache of translated code; QEMU's own choice is a gigabyte. */
const TRANSLATED_MIB = 128

export function machineArguments(spec: MachineSpec): string[] {
  const { files, user } = spec
  return [
    ...['-name', spec.name],
    '-nodefaults',
    '-no-user-config',
    // i440fx: its firmware is through sooner than q35's, and every guest knows it.
    ...['-machine', 'pc,usb=off,vmport=off,dump-guest-core=off,mem-merge=off'],
    ...accelerationArguments(spec.acceleration),
    ...['-smp', `cpus=${spec.cpus}`],
    ...['-m', `size=${Math.ceil(spec.ramBytes / 2 ** 20)}M`],
    ...['-rtc', 'base=utc,driftfix=slew'],
    '-S', // nothing runs before we listen
    // A guest that powers off leaves its process behind, in state shutdown: so powering off and dying differ.
    ...['-action', 'reboot=reset,shutdown=pause,panic=none'],
    ...['-boot', 'strict=on,menu=off'],
    ...spec.disks.flatMap(diskArguments),
    ...spec.nics.flatMap(nicArguments),
    ...['-object', 'rng-builtin,id=rng0', '-device', 'virtio-rng-pci,rng=rng0'],
    ...['-device', 'VGA,vgamem_mb=16', '-display', 'none', '-vnc', `unix:${files.vnc},share=force-shared`],
    ...['-device', 'virtio-tablet-pci'], // the pointer is where the viewer's is
    ...['-chardev', `socket,id=serial0,path=${files.serial},server=on,wait=off`, '-serial', 'chardev:serial0'],
    ...['-chardev', `socket,id=qmp0,path=${files.qmp},server=on,wait=off`, '-mon', 'chardev=qmp0,mode=control'],
    ...['-pidfile', files.pidFile],
    // As root, what it opens is opened first; then it becomes somebody who may do nothing.
    ...(user ? ['-runas', `${user.uid}:${user.gid}`] : []),
    ...['-sandbox', `on,obsolete=deny,spawn=deny,resourcecontrol=deny${user ? '' : ',elevateprivileges=deny'}`],
  ]
}

function accelerationArguments(acceleration: Acceleration): string[] {
  return acceleration === 'kvm'
    ? ['-accel', 'kvm', '-cpu', 'host']
    : ['-accel', `tcg,thread=multi,tb-size=${TRANSLATED_MIB}`, '-cpu', 'max']
}

function diskArguments({ name, socketPath }: MachineSpec['disks'][number], index: number): string[] {
  const node = {
    driver: 'nbd',
    'node-name': `disk${index}`,
    server: { type: 'unix', path: socketPath },
    export: name,
    'reconnect-delay': RECONNECT_SECONDS,
    'open-timeout': OPEN_SECONDS,
    discard: 'unmap',
  }
  const device = {
    driver: 'virtio-blk-pci',
    drive: node['node-name'],
    bootindex: index + 1,
    serial: name.slice(0, 20), // what the guest sees as /dev/disk/by-id/virtio-<serial>; the standard ends it there
    'write-cache': 'on', // the guest flushes when it needs to, and a flush is honoured to the disk
    // A full disk of the host, or a fault of it, stops the machine where it is: no file system breaks, it goes on later.
    werror: 'stop',
    rerror: 'stop',
  }
  return ['-blockdev', JSON.stringify(node), '-device', JSON.stringify(device)]
}

function nicArguments({ mac, device }: MachineSpec['nics'][number], index: number): string[] {
  const id = `net${index}`
  const card = { driver: 'virtio-net-pci', mac, romfile: '' } // without network boot the firmware is through sooner
  if (device === undefined) return ['-device', JSON.stringify(card)]
  return ['-netdev', `tap,id=${id},ifname=${device},script=no,downscript=no`, '-device', JSON.stringify({ ...card, netdev: id })]
}
