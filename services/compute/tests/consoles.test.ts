import { createCipheriv } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { PassThrough } from 'node:stream'
import { deactivateUser } from '@synnefo/identity'
import { expect, test } from 'vitest'
import { readExactly } from '../consoles/rfb-auth.ts'
import { openTestCompute } from '../testing.ts'

async function openCloudWithServer(onTestFinished: Parameters<typeof openTestCompute>[0]) {
  const cloud = await openTestCompute(onTestFinished, { settings: { CONSOLE_LISTEN_PORTS: [25200, 25300] } })
  const alice = await cloud.person()
  const id = await alice.server()
  await cloud.settle()
  const console = async (type: string) => (await alice.send('POST', `/servers/${id}/action`, { console: { type } })).body.console
  const socket = (path: string) => new WebSocket(`${cloud.url.replace('http', 'ws')}${path}`)
  return { cloud, alice, id, console, socket }
}

const closed = (socket: WebSocket) => once(socket, 'close').then(([event]) => (event as CloseEvent).code)

async function firstBytes(socket: WebSocket): Promise<string> {
  socket.binaryType = 'arraybuffer'
  const [event] = await once(socket, 'message')
  return Buffer.from((event as MessageEvent).data as ArrayBuffer).toString()
}

test('a page sees the screen and the serial line through one-time addresses', async ({ onTestFinished }) => {
  const { console, socket } = await openCloudWithServer(onTestFinished)
  const { url, type, password } = await console('vnc-ws')
  expect([type, password]).toEqual(['vnc-ws', ''])
  const screen = socket(url)
  expect(await firstBytes(screen)).toBe('RFB 003.008\n')
  const again = socket(url)
  expect(await closed(again)).toBe(1011)
  screen.close()
  const serial = socket((await console('serial-ws')).url)
  expect((await firstBytes(serial)).length).toBeGreaterThan(0)
  serial.close()
})

test('a made-up ticket opens nothing', async ({ onTestFinished }) => {
  const { socket } = await openCloudWithServer(onTestFinished)
  expect(await closed(socket('/cyclades/consoles/made-up'))).toBe(1011)
})

test('a console ends with the machine', async ({ onTestFinished }) => {
  const { cloud, id, console, socket } = await openCloudWithServer(onTestFinished)
  const screen = socket((await console('vnc-ws')).url)
  await firstBytes(screen)
  const end = closed(screen)
  cloud.hypervisor.die(`snf-${id}`, 'gone')
  await end
})

test('a console ends with the account of the person who opened it', async ({ onTestFinished }) => {
  const { cloud, alice, console, socket } = await openCloudWithServer(onTestFinished)
  const screen = socket((await console('vnc-ws')).url)
  await firstBytes(screen)
  const end = closed(screen)
  await cloud.db.transaction((tx) => deactivateUser(cloud.identity, tx, alice.id, 'left'))
  expect(await end).toBe(4001)
})

test('a client of the original speaks VNC authentication on a port of its own', async ({ onTestFinished }) => {
  const { console } = await openCloudWithServer(onTestFinished)
  const { host, port, password } = await console('vnc')
  expect(port).toBeGreaterThanOrEqual(25200)
  const good = await handshake(host, port, password)
  expect(good.result).toBe(0)
  good.socket.write(Buffer.from([1]))
  expect((await readExactly(good.socket, 4)).length).toBe(4) // ServerInit begins with the size of the screen
  good.socket.destroy()
  const other = await console('vnc')
  const bad = await handshake(other.host, other.port, 'wrong')
  expect(bad.result).toBe(1)
  bad.socket.destroy()
  await expect(connected(other.host, other.port)).rejects.toThrow()
})

test('bytes that come one by one are put together, and what is too much stays', async () => {
  const stream = new PassThrough()
  const whole = readExactly(stream, 4)
  for (const byte of [1, 2, 3, 4, 5]) {
    stream.write(Buffer.from([byte]))
    await new Promise(setImmediate) // everybody else has a turn between two bytes
  }
  expect([...(await whole)]).toEqual([1, 2, 3, 4])
  expect([...(await readExactly(stream, 1))]).toEqual([5])
  const never = readExactly(stream, 1)
  stream.end()
  await expect(never).rejects.toThrow('hung up')
})

async function connected(host: string, port: number): Promise<Socket> {
  const socket = connect(port, host)
  await once(socket, 'connect')
  return socket
}

/** The client's side of RFC 6143 §7.1–7.2.2, as burnin performs it. */
async function handshake(host: string, port: number, password: string): Promise<{ socket: Socket; result: number }> {
  const socket = await connected(host, port)
  expect((await readExactly(socket, 12)).toString()).toBe('RFB 003.008\n')
  socket.write('RFB 003.008\n')
  expect([...(await readExactly(socket, 2))]).toEqual([1, 2])
  socket.write(Buffer.from([2]))
  const challenge = await readExactly(socket, 16)
  const mirrored = [...Buffer.from(password.padEnd(8, '\0')).subarray(0, 8)].map((byte) =>
    Number.parseInt([...byte.toString(2).padStart(8, '0')].reverse().join(''), 2),
  )
  const key = Buffer.from(mirrored)
  const cipher = createCipheriv('des-ede3-ecb', Buffer.concat([key, key, key]), null).setAutoPadding(false)
  socket.write(Buffer.concat([cipher.update(challenge), cipher.final()]))
  return { socket, result: (await readExactly(socket, 4)).readUInt32BE(0) }
}
