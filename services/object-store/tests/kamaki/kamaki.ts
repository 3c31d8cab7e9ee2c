// The requests of an existing command-line client, byte for byte, and the statuses that it accepts.
import { connect } from 'node:net'
import { hashBlock } from '@synnefo/engine-blocks'
import type { OnTestFinished } from '@synnefo/lib/testing'
import { expect } from 'vitest'
import { openTestCloud, type TestObjectStoreOptions } from '../../testing.ts'

export interface KamakiAnswer {
  status: number
  headers: Map<string, string>
  body: string
  json(): unknown
}

/** What the client takes for success, by level and method. */
const ACCEPTED: Record<string, Record<string, number[]>> = {
  top: { GET: [200, 204] },
  account: { HEAD: [204], GET: [200, 204], POST: [202] },
  container: { HEAD: [204], GET: [200], PUT: [201, 202], POST: [202], DELETE: [204] },
  object: {
    HEAD: [200],
    GET: [200],
    PUT: [201],
    COPY: [201],
    MOVE: [201],
    POST: [202, 204],
    DELETE: [204],
  },
}

export interface Kamaki {
  userId: string
  /** `path` is below the account; a path that begins with two slashes is below the endpoint. */
  send(method: string, path: string, headers?: Record<string, string>, body?: string): Promise<KamakiAnswer>
  /** The same, for a request that the client expects to succeed. */
  run(method: string, path: string, headers?: Record<string, string>, body?: string): Promise<KamakiAnswer>
}

/** People with their clients on one cloud. */
export async function openKamakis(
  onTestFinished: OnTestFinished,
  people = 1,
  options?: TestObjectStoreOptions,
): Promise<Kamaki[]> {
  const cloud = await openTestCloud(onTestFinished, options)
  const kamakis: Kamaki[] = []
  for (let i = 0; i < people; i += 1) {
    const { userId, token } = await cloud.user()
    const send: Kamaki['send'] = (method, path, headers = {}, body = '') => {
      const all = { 'Accept-Encoding': 'identity', ...headers, 'X-Auth-Token': token, Host: '127.0.0.1', Connection: 'close' }
      const fields = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
      const below = path.startsWith('//') ? path.slice(1) : `/${userId}${path}`
      return exchange(cloud.url, `${method} /pithos/object-store/v1${below} HTTP/1.1\r\n${fields.join('')}\r\n${body}`)
    }
    async function run(method: string, path: string, headers: Record<string, string> = {}, body = '') {
      const answer = await send(method, path, headers, body)
      expect(acceptedFor(method, path, headers), `${method} ${path}: ${answer.body}`).toContain(answer.status)
      return answer
    }
    kamakis.push({ userId, send, run })
  }
  return kamakis
}

function acceptedFor(method: string, path: string, headers: Record<string, string>): number[] {
  const parts = path
    .replace(/^\/\//, '')
    .replace(/\?.*/s, '')
    .split('/')
    .filter((part) => part !== '')
  const depth = path.startsWith('//') ? parts.length : parts.length + 1
  const level = ['top', 'account', 'container'][depth] ?? 'object'
  if (method === 'GET' && 'Range' in headers) return [200, 206]
  return ACCEPTED[level]![method]!
}

/** One connection; each request is written as it stands. */
async function exchange(url: string, text: string): Promise<KamakiAnswer> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.write(text)
  const chunks: Buffer[] = []
  for await (const chunk of socket) chunks.push(chunk as Buffer)
  const [head = '', ...rest] = Buffer.concat(chunks).toString('utf8').split('\r\n\r\n')
  const [line = '', ...fields] = head.split('\r\n')
  const headers = new Map(
    fields.map((field) => [field.slice(0, field.indexOf(':')).toLowerCase(), field.slice(field.indexOf(':') + 1).trim()]),
  )
  const body = rest.join('\r\n\r\n')
  return { status: Number(line.split(' ')[1]), headers, body, json: () => JSON.parse(body) }
}

export const BLOCK = { 'Content-Type': 'application/octet-stream' }
export const NO_BODY = { 'Content-Length': '0' }

export const lengthOf = (body: string) => ({ 'Content-Length': String(Buffer.byteLength(body)) })

/** `file upload`: hashes first, then what the cloud lacks into the own account. */
export async function upload(
  { send, run }: Kamaki,
  target: string,
  data: string,
  headers: Record<string, string> = {},
  container = target.split('/')[1]!,
): Promise<KamakiAnswer> {
  const bytes = Buffer.byteLength(data)
  const map = JSON.stringify({ bytes, hashes: bytes === 0 ? [] : [await hashBlock(Buffer.from(data))] })
  const stated = { 'Content-Type': 'text/plain', 'X-Object-Public': 'False', ...headers, ...lengthOf(map) }
  const put = () => send('PUT', `${target}?format=json&hashmap=True`, stated, map)
  const first = await put()
  if (first.status !== 409) {
    expect(first.status, first.body).toBe(201)
    return first
  }
  expect(first.json()).toEqual([await hashBlock(Buffer.from(data))])
  const sent = await run('POST', `/${container}?update&format=json`, { ...BLOCK, ...lengthOf(data) }, data)
  expect(sent.json()).toEqual(first.json())
  const second = await put()
  expect(second.status, second.body).toBe(201)
  return second
}

export const namesOf = ({ body }: KamakiAnswer) =>
  (JSON.parse(body) as { name?: string; subdir?: string }[]).map((item) => item.name ?? item.subdir)
