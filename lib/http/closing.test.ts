import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { silentLog } from '../log/index.ts'
import { closeHttp, openHttp } from './index.ts'

test('a server that stops answers what is under way, and ends its connection behind that', async ({ onTestFinished }) => {
  const app = openHttp({ log: silentLog })
  const asked = Promise.withResolvers<void>()
  const answer = Promise.withResolvers<string>()
  app.get('/slow', () => {
    asked.resolve()
    return answer.promise
  })
  const { port } = new URL(await app.listen({ port: 0, host: '127.0.0.1' }))
  const client = connect(Number(port), '127.0.0.1').setEncoding('latin1')
  onTestFinished(() => void client.destroy())
  let text = ''
  client.on('data', (piece) => {
    text += piece
  })
  client.write('GET /slow HTTP/1.1\r\nHost: cloud\r\n\r\n')
  await asked.promise
  const closed = closeHttp(app, 3_600_000)
  setImmediate(() => answer.resolve('done'))
  await Promise.all([closed, once(client, 'close')])
  expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
  expect(text).toMatch(/\r\nconnection: close\r\n/i)
})
