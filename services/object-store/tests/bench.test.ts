import { createServer } from 'node:net'
import { describe, expect, test } from 'vitest'
import { openLoadConnection } from '../bench/connection.ts'
import { benchObjectStore } from '../bench/index.ts'
import { openTestCloud } from '../testing.ts'

const SCALE = {
  seconds: 0.2,
  largeBytes: 9_000_000,
  largeObjects: 2,
  listed: [300],
  mostListed: 2000,
  writers: 4,
  uploads: 2,
  uploadBytes: 9 * 1024 * 1024,
  restored: 100,
}

describe('the benchmark', () => {
  test('runs through at any store, tells figures and leaves nothing', async ({ onTestFinished }) => {
    const cloud = await openTestCloud(onTestFinished)
    const alice = await cloud.user()
    const target = { url: `${cloud.url}/pithos/object-store/v1/${alice.userId}`, token: alice.token }
    const measurements = ['large', 'copy', 'small', 'list'] as const
    const rows = await benchObjectStore({ target, measurements, scale: SCALE, tell: () => {} })
    expect(rows.map(({ name }) => name)).toEqual([
      ...['large PUT c1', 'large GET c1', 'large PUT c4', 'large GET c4', 'server-side copy'],
      ...['small PUT', 'small HEAD', 'small GET', 'small POST', 'small DELETE'],
      ...['list first page, 300', 'list middle page, 300', 'list prefix+delimiter, 300', 'list one folder, 300'],
      'list HEAD container, 300',
    ])
    for (const { name, value, failed, failure } of rows)
      expect([name, value > 0, failed, failure]).toEqual([name, true, 0, undefined])
    expect((await alice.send('GET', '?format=json')).json()).toEqual([])
  })

  test('sees more of a cloud of its own', async ({ onTestFinished }) => {
    const cloud = await openTestCloud(onTestFinished)
    const alice = await cloud.user()
    const targetOf = ({ userId, token }: { userId: string; token: string }) => ({
      url: `${cloud.url}/pithos/object-store/v1/${userId}`,
      token,
      account: userId,
    })
    const inside = {
      databaseUrl: cloud.databaseUrl,
      account: alice.userId,
      blocksFolder: '/nowhere',
      cpuSeconds: () => process.cpuUsage().user / 1_000_000,
      pssBytes: () => ({ all: process.memoryUsage.rss(), server: process.memoryUsage.rss() }),
      addPerson: async () => targetOf(await cloud.user()),
    }
    const measurements = ['small', 'growth', 'writers', 'hashes', 'restore', 'memory'] as const
    const rows = await benchObjectStore({ target: targetOf(alice), inside, measurements, scale: SCALE, tell: () => {} })
    const figures = new Map(rows.map(({ name, value }) => [name, value]))
    expect(rows.find(({ name }) => name === 'small PUT')).toMatchObject({
      cpuMs: expect.any(Number),
      flushes: expect.any(Number),
    })
    expect(figures.get('hash-list upload, one block changed: sent')).toBeLessThan(4.2)
    expect(figures.get('upload of a file that another person shares: blocks sent')).toBe(0)
    expect(figures.has('page of folders: time at 2000 of that at 1000')).toBe(true)
    expect(rows.filter(({ failed = 0 }) => failed > 0)).toEqual([])
  })
})

test('the connection reads answers in pieces, in chunks and one after the other', async ({ onTestFinished }) => {
  const answers = [
    ['HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Le', 'ngth: 5\r\n\r\nhe', 'llo'],
    ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r', '\nabc\r\n1', '0\r\n0123456789abcdef\r\n0\r\n', '\r\n'],
    ['HTTP/1.1 204 No Content\r\n\r\n'],
    ['HTTP/1.1 200 OK\r\n\r\nuntil the end'],
  ]
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => {})
    socket.on('data', async () => {
      const pieces = answers.shift()!
      for (const piece of pieces) await new Promise((done) => socket.write(piece, () => setImmediate(done)))
      if (answers.length === 0) socket.end()
    })
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  onTestFinished(() => void server.close())
  const { port } = server.address() as { port: number }
  const connection = openLoadConnection(`http://127.0.0.1:${port}`)
  const ask = async () => (await connection.ask({ method: 'GET', path: '/', keep: true })).body.toString()
  expect([await ask(), await ask(), await ask(), await ask()]).toEqual(['hello', 'abc0123456789abcdef', '', 'until the end'])
})
