import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryFolder } from '@synnefo/lib/testing'
import { expect, test } from 'vitest'
import { freeSubnet } from './free-subnet.ts'

const HEADING = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n'

test.each([
  ['nothing is routed', '', '10.220.0.0/20'],
  ['only the default route', 'eth0\t00000000\t0101A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n', '10.220.0.0/20'],
  ['another cloud has it', 'veth1\t0000DC0A\t00000000\t0003\t0\t0\t0\t00F0FFFF\t0\t0\t0\n', '10.220.16.0/20'],
  ['a host inside it', 'eth0\t0500DC0A\t00000000\t0005\t0\t0\t0\tFFFFFFFF\t0\t0\t0\n', '10.220.16.0/20'],
  ['all of the block is routed', 'eth0\t0000000A\t00000000\t0001\t0\t0\t0\t000000FF\t0\t0\t0\n', '10.220.0.0/20'],
])('%s', async (_what, rows, expected) => {
  const cleanups: (() => void | Promise<void>)[] = []
  const folder = await temporaryFolder((work) => void cleanups.push(work))
  const file = join(folder, 'route')
  await writeFile(file, HEADING + rows)
  expect(await freeSubnet('10.220.0.0/20', file)).toBe(expected)
  for (const work of cleanups) await work()
})
