import { type BenchRow, benchObjectStore, type Measurement, measurements, type Scale } from '@synnefo/object-store/bench'
import { readPlan } from '../cloud-plan.ts'
import { cpuSeconds, descendants, pssBytes } from '../host/process-memory.ts'
import { Refusal } from '../refusal.ts'
import type { BenchWords } from '../verbs/bench.ts'
import type { Figure } from './measure-up.ts'
import { type TemporaryCloud, withTemporaryCloud } from './temporary-cloud.ts'

/** Of a cloud of its own, or of any store that speaks the Swift v1 API. */
export async function measureObject(tell: (line: string) => void, words: BenchWords): Promise<Figure[]> {
  const wanted = readMeasurements(words.rows)
  const scale = readScale(words)
  const { url, token } = words
  if ((url === undefined) !== (token === undefined))
    throw new Refusal('--url and --token belong together', 'without both, a cloud of its own is measured')
  if (url !== undefined && token !== undefined) {
    const target = { url: words.account ? `${url.replace(/\/$/, '')}/${encodeURIComponent(words.account)}` : url, token }
    return (await benchObjectStore({ target, measurements: wanted, scale, tell })).map((row) => figureOf(row, 'not known'))
  }
  return withTemporaryCloud(async (cloud) => {
    tell('starting a cloud')
    await cloud.synnefo('up', '--port', '0')
    await cloud.synnefo('manage', 'project-modify', '--all-system-projects', '--limit', 'pithos.diskspace', '1TiB', '1TiB')
    const { url: address, token: own, account } = await cloud.signIn()
    const target = { url: accountAddress(address, account), token: own }
    const inside = await lookInside(cloud, account)
    return (await benchObjectStore({ target, inside, measurements: wanted, scale, tell })).map((row) => figureOf(row, '–'))
  })
}

const accountAddress = (url: string, account: string) => `${url}/pithos/object-store/v1/${account}`

async function lookInside(cloud: TemporaryCloud, account: string) {
  const { processes } = await cloud.status()
  const pidOf = (name: string) => processes.find((process) => process.name === name)!.pid
  const servers = [pidOf('cloud'), pidOf('database')]
  return {
    databaseUrl: readPlan(cloud.home)!.databaseUrl,
    account,
    blocksFolder: cloud.home.blocks,
    cpuSeconds: () => cpuSeconds(servers),
    pssBytes: () => ({
      all: [...servers, ...descendants(servers), pidOf('node')].reduce((sum, pid) => sum + (pssBytes(pid) ?? 0), 0),
      server: [pidOf('cloud'), ...descendants([pidOf('cloud')])].reduce((sum, pid) => sum + (pssBytes(pid) ?? 0), 0),
    }),
    addPerson: async () => {
      const person = await cloud.addPerson('bench@example.test')
      return { ...person, url: accountAddress(person.url, person.account) }
    },
  }
}

function readMeasurements(rows: string | undefined): readonly Measurement[] {
  if (rows === undefined) return measurements
  const names = rows.split(',')
  const strange = names.find((name) => !(measurements as string[]).includes(name))
  if (strange !== undefined) throw new Refusal(`there are no rows "${strange}"`, `rows are: ${measurements.join(', ')}`)
  return names as Measurement[]
}

/** Option, what it sets, and how its words are read. */
function readScale({ seconds, size, objects, uploads, 'upload-size': uploadSize, most }: BenchWords): Partial<Scale> {
  return {
    ...(seconds === undefined ? {} : { seconds: readNumber('seconds', seconds) }),
    ...(size === undefined ? {} : { largeBytes: readBytes('size', size) }),
    ...(objects === undefined ? {} : { listed: objects.split(',').map((word) => readNumber('objects', word)) }),
    ...(most === undefined ? {} : { mostListed: readNumber('most', most) }),
    ...(uploads === undefined ? {} : { uploads: readNumber('uploads', uploads) }),
    ...(uploadSize === undefined ? {} : { uploadBytes: readBytes('upload-size', uploadSize) }),
  }
}

function readNumber(option: string, word: string): number {
  const number = Number(word)
  if (!(number > 0)) throw new Refusal(`--${option} ${word} is not a number above zero`)
  return number
}

function readBytes(option: string, word: string): number {
  const [, digits, unit] = /^(\d+)([KMG]?)$/i.exec(word) ?? []
  if (digits === undefined) throw new Refusal(`--${option} ${word} is not a size`, 'sizes are written 4096, 4K, 64M or 1G')
  return Number(digits) * 1024 ** ['', 'K', 'M', 'G'].indexOf(unit!.toUpperCase())
}

function figureOf({ name, value, unit, p50Ms, p99Ms, cpuMs, flushes, failed = 0, failure }: BenchRow, unseen: string): Figure {
  const isMeasured = p50Ms !== undefined
  const per = unit === 'MiB/s' ? 'ms/MiB' : 'ms'
  return {
    name: failed > 0 ? `${name} (${failed} FAILED: ${failure})` : name,
    value,
    unit,
    ...(isMeasured
      ? {
          columns: {
            'p50 ms': p50Ms,
            'p99 ms': p99Ms ?? unseen,
            'server CPU': cpuMs ?? unseen,
            per,
            'flushes per op': flushes ?? unseen,
          },
        }
      : {}),
  }
}
