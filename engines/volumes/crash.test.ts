// A server process that is killed while clients write: what was acknowledged is there when it comes back.
import { spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { openFiles } from '@synnefo/engine-blocks'
import { expect, onTestFinished, test } from 'vitest'
import { VolumeBusy } from './errors.ts'
import { COMMAND, COMMAND_FLAG, ERROR } from './nbd/protocol.ts'
import { connectNbd } from './nbd/testing-client.ts'
import { openTestVolumes, placesIn, spawnServer, storeImage } from './testing.ts'
import { openVolumes } from './volumes.ts'

const MIB = 1024 * 1024
const SECTOR = 512
const SIZE = 12 * MIB
const SECTORS = SIZE / SECTOR
const FULL_OF = Array.from({ length: 256 }, (_, value) => Buffer.alloc(SECTOR, value))

test.each([65536, 4096] as const)('killed again and again among random writes, with pieces of %i bytes', async (pieceBytes) => {
  const { volumes, blocks, folder } = await openTestVolumes(onTestFinished)
  const source = await storeImage(blocks, Buffer.alloc(8 * MIB, 0xee))
  await volumes.create({ name: 'v', sizeBytes: SIZE, source, pieceBytes })
  /** What each sector is, and what it may be besides, because a write was under way when the server died. */
  const known = new Uint8Array(SECTORS).fill(0xee, 0, (8 * MIB) / SECTOR)
  let doubtful = new Map<number, number[]>()

  let stamp = 0
  for (let round = 0; round < 6; round += 1) {
    const server = await spawnServer(onTestFinished, folder, 'v')
    const client = await connectNbd(server.socketPath, 'v')
    const { data } = await client.ask({ type: COMMAND.read, length: SIZE, expectBytes: SIZE })
    for (let sector = 0; sector < SECTORS; sector += 1) {
      const bytes = data.subarray(sector * SECTOR, (sector + 1) * SECTOR)
      const value = bytes[0]!
      const could = [known[sector]!, ...(doubtful.get(sector) ?? [])]
      if (!could.includes(value) || !bytes.equals(Buffer.alloc(SECTOR, value))) {
        throw new Error(`sector ${sector} reads ${value} after round ${round}, not ${could}`)
      }
      known[sector] = value
    }
    doubtful = new Map()

    let written = 0
    let enough = () => {}
    const writtenEnough = new Promise<void>((resolve) => {
      enough = resolve
    })
    const wanted = randomInt(200, 1500)

    /** Writes until the server dies. Lanes do not overlap, so that the order of their writes does not matter. */
    async function writer(lane: number): Promise<void> {
      for (;;) {
        const first = lane + 4 * randomInt(SECTORS / 4 - 16)
        const sectors = Array.from({ length: randomInt(1, 16) }, (_, i) => first + 4 * i)
        stamp = (stamp % 200) + 1
        const value = stamp
        const writes = sectors.map(async (sector) => {
          doubtful.set(sector, [value])
          const flags = randomInt(20) === 0 ? COMMAND_FLAG.fua : 0
          const { error } = await client.ask({ type: COMMAND.write, flags, offset: sector * SECTOR, data: FULL_OF[value] })
          expect(error).toBe(ERROR.none)
          known[sector] = value
          doubtful.delete(sector)
          written += 1
          if (written === wanted) enough()
        })
        await Promise.all(writes)
        if (randomInt(10) === 0) await client.ask({ type: COMMAND.flush })
      }
    }
    const writers = Promise.allSettled([0, 1, 2, 3].map(writer))
    await Promise.race([writtenEnough, writers])
    await server.kill()
    for (const outcome of await writers) expect(String((outcome as PromiseRejectedResult).reason)).toContain('hung up')
  }
})

test('a client that reconnects finds what it wrote and never flushed', async ({ onTestFinished }) => {
  const { volumes, folder } = await openTestVolumes(onTestFinished)
  await volumes.create({ name: 'v', sizeBytes: MIB })
  const first = await spawnServer(onTestFinished, folder, 'v')
  const image = `driver=nbd,server.type=unix,server.path=${first.socketPath},export=v,reconnect-delay=60`
  const qemuIo = spawn('qemu-io', ['--image-opts', image], { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(() => void qemuIo.kill('SIGKILL'))
  const output = createInterface({ input: qemuIo.stdout })[Symbol.asyncIterator]()
  async function say(command: string): Promise<string> {
    qemuIo.stdin.write(`${command}\n`)
    for (;;) {
      const { value, done } = await output.next()
      if (done) throw new Error('qemu-io ended')
      if (/bytes at offset|failed|error/i.test(value)) return value
    }
  }
  expect(await say('write -P 0x42 1000 3000')).toContain('wrote 3000/3000')
  await first.kill()
  const reading = say('read -P 0x42 1000 3000')
  const second = await spawnServer(onTestFinished, folder, 'v')
  expect(second.socketPath).toBe(first.socketPath)
  expect(await reading).toContain('read 3000/3000')
  expect(await say('write -P 0x43 8000 10')).toContain('wrote 10/10')
})

test('a volume is served by one process at a time, and by another as soon as that one is dead', async ({ onTestFinished }) => {
  const { volumes, folder } = await openTestVolumes(onTestFinished)
  await volumes.create({ name: 'v', sizeBytes: MIB })
  const other = await spawnServer(onTestFinished, folder, 'v')
  await expect(volumes.serve('v')).rejects.toThrow(VolumeBusy)
  await expect(volumes.remove('v')).rejects.toThrow(VolumeBusy)
  await expect(volumes.grow('v', 2 * MIB)).rejects.toThrow(VolumeBusy)
  await other.kill()
  const client = await connectNbd(await volumes.serve('v'), 'v')
  expect(client.sizeBytes).toBe(MIB)
  client.close()

  const blocks = await openFiles({ folder: join(folder, 'blocks') })
  const second = await openVolumes({ ...placesIn(folder), blocks })
  onTestFinished(() => second.close())
  await expect(second.serve('v')).rejects.toThrow(VolumeBusy)
})

test('writes that find no space fail with ENOSPC, reads and other writes go on, and the volume says so', async ({
  onTestFinished,
}) => {
  const { volumes, folder } = await openTestVolumes(onTestFinished)
  await volumes.create({ name: 'v', sizeBytes: 4 * MIB })
  // Beyond this size of a file the kernel refuses to write, as it does on a full disk.
  const server = await spawnServer(onTestFinished, folder, 'v', ['prlimit', `--fsize=${2 * MIB}`])
  const client = await connectNbd(server.socketPath, 'v')
  onTestFinished(() => client.close())
  const write = async (offset: number) => (await client.ask({ type: COMMAND.write, offset, data: Buffer.alloc(4096, 7) })).error
  expect(await write(3 * MIB)).toBe(ERROR.noSpace)
  expect((await client.ask({ type: COMMAND.read, offset: 3 * MIB, length: 4096, expectBytes: 4096 })).data).toEqual(
    Buffer.alloc(4096),
  )
  expect((await server.list())[0]?.fault).toMatch(/no space/)
  expect(await write(0)).toBe(ERROR.none)
  expect((await client.ask({ type: COMMAND.flush })).error).toBe(ERROR.none)
  expect((await server.list())[0]?.fault).toBeUndefined()
})
