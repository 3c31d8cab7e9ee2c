import { crc32, inflateSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { type Bench, hypervisorContract } from '../contract.ts'
import type { InstanceSpec } from '../interface.ts'
import { openSimulated, type Simulated } from './index.ts'
import { HEIGHT, testPicturePng, WIDTH } from './picture.ts'

hypervisorContract('simulated at once', async (onTestFinished) => bench(openSimulated(), onTestFinished))
hypervisorContract('simulated with delay', async (onTestFinished) => bench(openSimulated({ delayMs: 15 }), onTestFinished))

function bench(simulated: Simulated, onTestFinished: (cleanUp: () => Promise<void>) => void): Bench {
  onTestFinished(() => simulated.close())
  return {
    hypervisor: simulated,
    spec: smallServer,
    failNextCreate: () => simulated.failNext('create', 'No space left'),
    failNextStart: () => simulated.failNext('start', 'Not enough memory'),
    die: async (name) => simulated.die(name, 'The machine was killed'),
    cutOff: async () => simulated.setUnavailable(true),
  }
}

function smallServer(name: string): InstanceSpec {
  const network = { name: 'snf-net-1', public: true, subnets: [] }
  return {
    name,
    cpus: 1,
    ramBytes: 2 ** 26,
    disks: [{ name: `${name}-disk`, sizeBytes: 2 ** 30 }],
    nics: [
      { name: `${name}-nic`, network: network.name, networkSpec: network, mac: 'aa:00:00:00:00:01', addresses: ['10.0.0.2'] },
    ],
  }
}

test('a wish that waits for the test stays under way, with progress, until it is finished', async () => {
  const simulated = openSimulated({ delayMs: Number.POSITIVE_INFINITY })
  await simulated.create(smallServer('snf-1'), 'create')
  await simulated.stop('snf-1', 0, 'stop')
  const before = (await simulated.list()).get('snf-1')!
  expect(before).toMatchObject({ progressPercent: 0 })
  expect(before.power).toBeUndefined()
  expect([...before.intents.values()]).toEqual([{ state: 'running' }, { state: 'running' }])
  simulated.finish()
  expect((await simulated.list()).get('snf-1')).toMatchObject({ power: 'off' })
})

test('secrets of the customisation are not kept', async () => {
  const simulated = openSimulated()
  const customise = { properties: {}, hostname: 'one', password: 'verysecret', authorizedKeys: [], files: [] }
  await simulated.create({ ...smallServer('snf-1'), customise }, 'create')
  expect(JSON.stringify([...(await simulated.list()).values()])).not.toContain('verysecret')
})

test('the test picture is a PNG of the promised size', () => {
  const png = testPicturePng()
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([WIDTH, HEIGHT])
  expect(png.readUInt32BE(29)).toBe(crc32(png.subarray(12, 29)))
  const dataBytes = png.readUInt32BE(33)
  expect(inflateSync(png.subarray(41, 41 + dataBytes))).toHaveLength(HEIGHT * (1 + 3 * WIDTH))
})

test('a viewer that asks gets the whole screen in the pixel format it named', async () => {
  const simulated = openSimulated()
  await simulated.create(smallServer('snf-1'), 'create')
  const screen = await simulated.openConsole('snf-1', 'vnc')
  const bytes = screen[Symbol.asyncIterator]()
  let received = Buffer.alloc(0)
  const expectBytes = async (count: number) => {
    while (received.length < count) received = Buffer.concat([received, (await bytes.next()).value])
    const taken = received.subarray(0, count)
    received = received.subarray(count)
    return taken
  }
  await expectBytes(12)
  screen.write('RFB 003.008\n')
  await expectBytes(2)
  screen.write(Buffer.from([1]))
  await expectBytes(4)
  screen.write(Buffer.from([1]))
  const greeting = await expectBytes(24)
  expect([greeting.readUInt16BE(0), greeting.readUInt16BE(2)]).toEqual([WIDTH, HEIGHT])
  expect((await expectBytes(greeting.readUInt32BE(20))).toString()).toBe('snf-1')
  const redFirst = [0, 0, 0, 0, 32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 0, 8, 16, 0, 0, 0]
  screen.write(Buffer.from([...redFirst, 3, 0, 0, 0, 0, 0, 2, 128, 1, 144]))
  const picture = await expectBytes(16 + WIDTH * HEIGHT * 4)
  expect([...picture.subarray(16 + 4 * (WIDTH - 130), 16 + 4 * (WIDTH - 129))]).toEqual([0, 0, 0xc0, 0])
  await simulated.close()
})
