// What a person chooses for a new server, why a size cannot be chosen, and what the compute API is told.
import type { Flavor, NewServer } from '@synnefo/clients/compute'
import type { Quotas } from '@synnefo/clients/identity'
import type { Image } from '@synnefo/clients/image'
import { leftOf } from '../../cloud/usage.ts'
import { formatBytes } from '../../ui/format.ts'

export interface ServerDraft {
  image: Image | undefined
  flavor: Flavor | undefined
  /** The cloud's default is an address on the public network. */
  network: 'default' | 'private' | 'none'
  privateNetworks: string[]
  keys: string[]
  name: string
}

const GIB = 1n << 30n
const MIB = 1n << 20n

/** Why a server of this size cannot be created now; undefined when it can. */
export function sizeRefusal(flavor: Flavor, image: Image | undefined, quotas: Quotas, project: string): string | undefined {
  if (!flavor['SNF:allow_create']) return 'No longer offered'
  if (image !== undefined && BigInt(flavor.disk) * GIB < BigInt(image.size))
    return `The image needs ${formatBytes(image.size)} of disk`
  if (leftOf(quotas, project, 'cyclades.vm') < 1n) return 'Your quota allows no more servers'
  const cpus = leftOf(quotas, project, 'cyclades.cpu')
  if (cpus < BigInt(flavor.vcpus)) return `Your quota has ${cpus} CPU left`
  const memory = leftOf(quotas, project, 'cyclades.ram')
  if (memory < BigInt(flavor.ram) * MIB) return `Your quota has ${formatBytes(memory)} of memory left`
  const disk = leftOf(quotas, project, 'cyclades.disk')
  if (disk < BigInt(flavor.disk) * GIB) return `Your quota has ${formatBytes(disk)} of disk left`
  return undefined
}

const property = (image: Image, name: string) => Object.entries(image.properties).find(([key]) => key.toLowerCase() === name)?.[1]
const EXCLUDED = /^(yes|true|on|1|set)$/i

/** Whether the cloud can put a password and keys into machines of this image. */
export function customisation(image: Image): { password: boolean; keys: boolean } {
  const excluded = (task: string) =>
    EXCLUDED.test(property(image, 'exclude_all_tasks') ?? '') || EXCLUDED.test(property(image, `exclude_task_${task}`) ?? '')
  return {
    password: !excluded('changepassword'),
    keys: !excluded('enforcepersonality') && !/^windows/.test(property(image, 'osfamily') ?? ''),
  }
}

/** "Debian 12 server", with a number when that is taken. */
export function suggestName(image: Image, taken: string[]): string {
  const base = image.name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(0, 40)
  for (let number = 1; ; number += 1) {
    const name = `${base || 'server'}-${number}`
    if (!taken.includes(name)) return name
  }
}

/** Copied from the image, so that a server still tells what it runs when its image is gone. */
const FROM_IMAGE: [name: string, property: string][] = [
  ['OS', 'os'],
  ['users', 'users'],
]

export function requestOf({ image, flavor, network, privateNetworks, keys, name }: ServerDraft): NewServer {
  if (image === undefined || flavor === undefined) throw new Error('An image and a size have to be chosen')
  const metadata = FROM_IMAGE.flatMap(([key, from]) => {
    const value = property(image, from)
    return value ? [[key, value] as const] : []
  })
  return {
    name: name.trim(),
    imageRef: image.id,
    flavorRef: flavor.id,
    metadata: Object.fromEntries(metadata),
    ...(keys.length > 0 ? { 'SNF:key_names': keys } : {}),
    ...(network === 'default' ? {} : { networks: network === 'none' ? [] : privateNetworks.map((uuid) => ({ uuid })) }),
  }
}
