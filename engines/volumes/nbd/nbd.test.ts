// The served volume as real clients see it: qemu-io, qemu-img and nbdinfo, and one client that misbehaves.
import { execFile } from 'node:child_process'
import { statSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { openCipher } from '@synnefo/engine-blocks'
import { randomContent } from '@synnefo/lib/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openTestVolumes, storeImage } from '../testing.ts'
import { COMMAND, COMMAND_FLAG, ERROR, MAX_PAYLOAD_BYTES, OPTION_MAGIC } from './protocol.ts'
import { byteStream, connectNbd } from './testing-client.ts'

const run = promisify(execFile)
const MIB = 1024 * 1024

const uriOf = (name: string, socketPath: string) => `nbd+unix:///${name}?socket=${socketPath}`

function qemuIo(uri: string, ...commands: string[]) {
  return run('qemu-io', ['-f', 'raw', ...commands.flatMap((command) => ['-c', command]), uri])
}

async function download(uri: string, path: string): Promise<Buffer> {
  await run('qemu-img', ['convert', '-f', 'raw', '-O', 'raw', uri, path])
  return await readFile(path)
}

describe('with real clients', () => {
  test('nbdinfo sees the export with its size and abilities', async ({ onTestFinished }) => {
    const { volumes } = await openTestVolumes(onTestFinished)
    await volumes.create({ name: 'snf-vol-1', sizeBytes: 3 * MIB + 512 })
    const socketPath = await volumes.serve('snf-vol-1')
    const { stdout } = await run('nbdinfo', ['--json', uriOf('snf-vol-1', socketPath)])
    const [info] = JSON.parse(stdout).exports
    expect(info).toMatchObject({
      'export-name': 'snf-vol-1',
      'export-size': 3 * MIB + 512,
      is_read_only: false,
      can_flush: true,
      can_fua: true,
      can_trim: true,
      can_zero: true,
      can_fast_zero: false,
      can_multi_conn: true,
      block_size_preferred: 4096,
      block_size_maximum: 32 * MIB,
    })
    const list = await run('nbdinfo', ['--list', '--json', uriOf('', socketPath)])
    expect(JSON.parse(list.stdout).exports.map((entry: Record<string, unknown>) => entry['export-name'])).toEqual(['snf-vol-1'])
  })

  test('an unknown export is refused', async ({ onTestFinished }) => {
    const { volumes } = await openTestVolumes(onTestFinished)
    await volumes.create({ name: 'v', sizeBytes: MIB })
    const socketPath = await volumes.serve('v')
    await expect(run('nbdinfo', [uriOf('other', socketPath)])).rejects.toThrow(/other|unknown|serves v only/)
  })

  test.for([
    { blocksAre: 'plain', options: {} },
    { blocksAre: 'encrypted', options: { cipher: openCipher(new Uint8Array(32).fill(7)) } },
  ])('a volume begins as its image, and writes stay its own, over $blocksAre blocks', async ({ options }, { onTestFinished }) => {
    const { volumes, blocks, folder } = await openTestVolumes(onTestFinished, options)
    const image = Buffer.concat([randomContent(5 * MIB), Buffer.alloc(4 * MIB), randomContent(MIB + 1000)])
    const source = await storeImage(blocks, image)
    const sizeBytes = 16 * MIB
    await volumes.create({ name: 'a', sizeBytes, source })
    await volumes.create({ name: 'b', sizeBytes, source, pieceBytes: 4096 })
    const expected = Buffer.concat([image, Buffer.alloc(sizeBytes - image.length)])
    for (const name of ['a', 'b']) {
      const uri = uriOf(name, await volumes.serve(name))
      expect(expected.equals(await download(uri, join(folder, 'out')))).toBe(true)
    }

    const uri = uriOf('a', await volumes.serve('a'))
    await qemuIo(uri, 'write -P 0x5a 4190000 9000', 'write -P 0x77 10000000 70000', 'flush')
    const written = Buffer.from(expected)
    written.fill(0x5a, 4190000, 4199000)
    written.fill(0x77, 10000000, 10070000)
    expect(written.equals(await download(uri, join(folder, 'out')))).toBe(true)
    await volumes.release('a')
    await volumes.serve('a')
    expect(written.equals(await download(uri, join(folder, 'out')))).toBe(true)
    expect(expected.equals(await download(uriOf('b', await volumes.serve('b')), join(folder, 'out')))).toBe(true)
    const [a, b] = await volumes.list()
    expect(a!.ownBytes).toBeLessThan(MIB)
    expect(b!.ownBytes).toBeLessThan(64 * 1024)
  })

  test('a whole disk can be written and compared by qemu-img', async ({ onTestFinished }) => {
    const { volumes, folder } = await openTestVolumes(onTestFinished)
    const image = Buffer.concat([randomContent(3 * MIB), Buffer.alloc(20 * MIB), randomContent(MIB)])
    await writeFile(join(folder, 'image'), image)
    await volumes.create({ name: 'v', sizeBytes: image.length })
    const uri = uriOf('v', await volumes.serve('v'))
    await run('qemu-img', ['convert', '-n', '-f', 'raw', '-O', 'raw', join(folder, 'image'), uri])
    const { stdout } = await run('qemu-img', ['compare', '-f', 'raw', '-F', 'raw', join(folder, 'image'), uri])
    expect(stdout).toContain('identical')
    await volumes.release('v')
    const [facts] = await volumes.list()
    expect(facts!.ownBytes).toBeLessThan(5 * MIB)
  })

  test('trimmed pieces read as zeros, hide the image, and give their space back', async ({ onTestFinished }) => {
    const { volumes, blocks } = await openTestVolumes(onTestFinished)
    const source = await storeImage(blocks, Buffer.alloc(8 * MIB, 0x11))
    await volumes.create({ name: 'v', sizeBytes: 16 * MIB, source })
    const uri = uriOf('v', await volumes.serve('v'))
    await qemuIo(uri, 'write -P 0x22 0 16M', 'flush')
    expect((await volumes.list())[0]!.ownBytes).toBeGreaterThan(16 * MIB)
    await qemuIo(uri, 'discard 2M 12M', 'read -P 0x22 0 2M', 'read -P 0 2M 12M', 'read -P 0x22 14M 2M', 'flush')
    await qemuIo(uri, 'write -P 0x33 3M 512', 'read -P 0 2M 1M', 'read -P 0x33 3M 512', 'read -P 0 3146240 1M')
    await volumes.release('v')
    expect((await volumes.list())[0]!.ownBytes).toBeLessThan(6 * MIB)
    await volumes.serve('v')
    await qemuIo(
      uri,
      'read -P 0x22 0 2M',
      'read -P 0 2M 1M',
      'read -P 0x33 3M 512',
      'read -P 0 3146240 10M',
      'read -P 0x22 14M 2M',
    )
  })

  test('zeros are written without space, or with space where it is asked for', async ({ onTestFinished }) => {
    const { volumes, blocks } = await openTestVolumes(onTestFinished)
    const source = await storeImage(blocks, Buffer.alloc(8 * MIB, 0x11))
    await volumes.create({ name: 'v', sizeBytes: 16 * MIB, source })
    const uri = uriOf('v', await volumes.serve('v'))
    await qemuIo(uri, 'write -z -u 100k 7M', 'write -z -u 9M 7M', 'flush')
    await qemuIo(uri, 'read -P 0x11 0 100k', 'read -P 0 100k 7M', 'read -P 0x11 7442432 946176', 'read -P 0 8M 8M')
    expect((await volumes.list())[0]!.ownBytes).toBeLessThan(MIB)
    await qemuIo(uri, 'write -z 8M 4M', 'read -P 0 8M 4M', 'flush')
    expect((await volumes.list())[0]!.ownBytes).toBeGreaterThan(4 * MIB)
  })

  test('a grown volume shows its new size to the next client', async ({ onTestFinished }) => {
    const { volumes } = await openTestVolumes(onTestFinished)
    await volumes.create({ name: 'v', sizeBytes: MIB + 512 })
    const uri = uriOf('v', await volumes.serve('v'))
    await qemuIo(uri, 'write -P 0x44 1M 512')
    await volumes.grow('v', 4 * MIB)
    await qemuIo(uri, 'read -P 0x44 1M 512', 'read -P 0 1049088 1M', 'write -P 0x55 3M 1M', 'flush')
    await volumes.release('v')
    await volumes.grow('v', 8 * MIB)
    await volumes.serve('v')
    await qemuIo(uri, 'read -P 0x44 1M 512', 'read -P 0x55 3M 1M', 'read -P 0 4M 4M')
  })

  test('the socket belongs to its owner alone', async ({ onTestFinished }) => {
    const mine = await openTestVolumes(onTestFinished)
    await mine.volumes.create({ name: 'v', sizeBytes: MIB })
    expect(statSync(await mine.volumes.serve('v')).mode & 0o777).toBe(0o600)
  })

  test.runIf(process.getuid?.() === 0)('the socket can be given to a user or a group', async ({ onTestFinished }) => {
    const user = await openTestVolumes(onTestFinished, { socketOwner: { uid: 4711 } })
    await user.volumes.create({ name: 'v', sizeBytes: MIB })
    const ofUser = statSync(await user.volumes.serve('v'))
    expect({ uid: ofUser.uid, mode: ofUser.mode & 0o777 }).toEqual({ uid: 4711, mode: 0o600 })
    const group = await openTestVolumes(onTestFinished, { socketOwner: { gid: 4712 } })
    await group.volumes.create({ name: 'v', sizeBytes: MIB })
    const ofGroup = statSync(await group.volumes.serve('v'))
    expect({ gid: ofGroup.gid, mode: ofGroup.mode & 0o777 }).toEqual({ gid: 4712, mode: 0o660 })
  })

  test('a missing block is an I/O error and a fault of the volume, nothing else', async ({ onTestFinished }) => {
    const { volumes, blocks } = await openTestVolumes(onTestFinished)
    const source = await storeImage(blocks, randomContent(8 * MIB))
    await rm(blocks.pathOf(source.hashes[1]!))
    await volumes.create({ name: 'v', sizeBytes: 8 * MIB, source })
    const client = await connectNbd(await volumes.serve('v'), 'v')
    onTestFinished(() => client.close())
    expect((await client.ask({ type: COMMAND.read, offset: 5 * MIB, length: 4096, expectBytes: 4096 })).error).toBe(ERROR.io)
    expect((await client.ask({ type: COMMAND.write, offset: 5 * MIB, data: Buffer.alloc(4096) })).error).toBe(ERROR.io)
    expect((await client.ask({ type: COMMAND.read, offset: MIB, length: 4096, expectBytes: 4096 })).error).toBe(ERROR.none)
    expect((await client.ask({ type: COMMAND.write, offset: 5 * MIB, data: Buffer.alloc(65536) })).error).toBe(ERROR.none)
    expect((await volumes.list())[0]?.fault).toMatch(/shared block .* cannot be read/)
  })
})

describe('with a client that misbehaves', () => {
  async function openServed(finished: Parameters<typeof openTestVolumes>[0]) {
    const { volumes } = await openTestVolumes(finished)
    await volumes.create({ name: 'v', sizeBytes: MIB })
    const socketPath = await volumes.serve('v')
    const good = await connectNbd(socketPath, 'v')
    finished(() => good.close())
    const bad = await connectNbd(socketPath, 'v')
    finished(() => bad.close())
    const stillServed = async () =>
      expect((await good.ask({ type: COMMAND.read, offset: 0, length: 512, expectBytes: 512 })).error).toBe(ERROR.none)
    return { socketPath, bad, stillServed, volumes }
  }

  test('requests that make no sense are answered with errors', async ({ onTestFinished }) => {
    const { bad } = await openServed(onTestFinished)
    const errorOf = async (command: Parameters<typeof bad.ask>[0]) => (await bad.ask(command)).error
    expect(await errorOf({ type: 99, length: 5 })).toBe(ERROR.invalid)
    expect(await errorOf({ type: COMMAND.read, offset: MIB - 100, length: 512, expectBytes: 512 })).toBe(ERROR.invalid)
    expect(await errorOf({ type: COMMAND.read, offset: 2n ** 64n - 1n, length: 512, expectBytes: 512 })).toBe(ERROR.invalid)
    expect(await errorOf({ type: COMMAND.read, offset: 0, length: MAX_PAYLOAD_BYTES + 1 })).toBe(ERROR.invalid)
    expect(await errorOf({ type: COMMAND.read, flags: 0x8000, length: 512 })).toBe(ERROR.invalid)
    expect(await errorOf({ type: COMMAND.write, offset: MIB, data: Buffer.alloc(512) })).toBe(ERROR.noSpace)
    expect(await errorOf({ type: COMMAND.write, offset: 2n ** 63n, data: Buffer.alloc(512) })).toBe(ERROR.noSpace)
    expect(await errorOf({ type: COMMAND.trim, offset: 0, length: 2 ** 32 - 1 })).toBe(ERROR.invalid)
    expect(await errorOf({ type: COMMAND.writeZeroes, offset: 1, length: MIB })).toBe(ERROR.noSpace)
    expect(await errorOf({ type: COMMAND.flush, offset: 0, length: 1 })).toBe(ERROR.invalid)
    expect(await errorOf({ type: COMMAND.write, flags: COMMAND_FLAG.fua, offset: 7, data: Buffer.from('odd') })).toBe(ERROR.none)
    expect((await bad.ask({ type: COMMAND.read, offset: 6, length: 5, expectBytes: 5 })).data.toString('latin1')).toBe('\0odd\0')
  })

  test('noise instead of requests costs the client its connection', async ({ onTestFinished }) => {
    const { bad, stillServed } = await openServed(onTestFinished)
    bad.socket.write(Buffer.alloc(28, 0x41))
    await closed(bad.socket)
    await stillServed()
  })

  test('a write that is too long costs the client its connection', async ({ onTestFinished }) => {
    const { bad, stillServed } = await openServed(onTestFinished)
    await expect(bad.ask({ type: COMMAND.write, length: MAX_PAYLOAD_BYTES + 1, data: Buffer.alloc(512) })).rejects.toThrow(
      'hung up',
    )
    await stillServed()
  })

  test('a client that never fetches its replies is stopped, and others go on', async ({ onTestFinished }) => {
    const { bad, stillServed } = await openServed(onTestFinished)
    bad.socket.pause()
    for (let i = 0; i < 200; i += 1) bad.ask({ type: COMMAND.read, length: MIB, expectBytes: MIB }).catch(() => {})
    await stillServed()
  })

  test('a client that sends byte by byte is understood', async ({ onTestFinished }) => {
    const { socketPath, stillServed } = await openServed(onTestFinished)
    const socket = connect(socketPath)
    onTestFinished(() => void socket.destroy())
    const read = byteStream(socket)
    await read(18)
    const hello = Buffer.alloc(21)
    hello.writeUInt32BE(3)
    OPTION_MAGIC.copy(hello, 4)
    hello.writeUInt32BE(1, 12)
    hello.writeUInt32BE(1, 16)
    hello.write('v', 20)
    for (const byte of hello) {
      socket.write(Buffer.from([byte]))
      await new Promise(setImmediate)
    }
    expect(Number((await read(10)).readBigUInt64BE(0))).toBe(MIB)
    await stillServed()
  })

  test.each([
    ['a false magic in an option', Buffer.concat([Buffer.from([0, 0, 0, 3]), Buffer.alloc(16, 0x41)])],
    ['flags nobody knows', Buffer.from([0, 0, 0, 0xff])],
    [
      'an endless option',
      Buffer.concat([Buffer.from([0, 0, 0, 3]), OPTION_MAGIC, Buffer.from([0, 0, 0, 3, 0xff, 0xff, 0xff, 0xff])]),
    ],
    ['a name of nobody', Buffer.concat([Buffer.from([0, 0, 0, 3]), OPTION_MAGIC, Buffer.from([0, 0, 0, 1, 0, 0, 0, 1, 0x78])])],
  ])('%s in the handshake ends it', async (_, bytes) => {
    const { socketPath, stillServed } = await openServed(onTestFinished)
    const socket = connect(socketPath)
    socket.resume()
    socket.write(bytes)
    await closed(socket)
    await stillServed()
  })
})

/** A reset closes too: what was sent last may not have been read. */
async function closed(socket: Socket): Promise<void> {
  socket.on('error', () => {})
  await new Promise((resolve) => socket.once('close', resolve))
}
