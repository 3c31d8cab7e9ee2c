// POST or DELETE ?bulk-delete on an account: deletes the objects and empty containers that the body names, one
// percent-encoded /container/object on a line. As clients of other object stores know it: always 200, and the body tells.
import { STATUS_CODES } from 'node:http'
import { Fault } from '@synnefo/lib/fault'
import type { FastifyReply } from 'fastify'
import { notAllowed } from '../../access.ts'
import { checkName } from '../../names.ts'
import { BULK_NAMES, type BulkDeleted, type BulkName, bulkDelete } from '../../objects/bulk-delete.ts'
import { checkContainerReach, checkObjectReach } from '../../reach.ts'
import { decodeOnce } from './address.ts'
import { answerBody, answerJson, chooseFormat, escapeXml, XML_HEAD } from './answer.ts'
import { bodyLength, bodyOf, type PithosRequest } from './request.ts'

interface Answer {
  status: number
  message: string
  deleted: number
  notFound: number
  /** What was named, and why it was not deleted. */
  errors: [string, string][]
}

export async function bulkDeleteRoute(request: PithosRequest<'account'>, reply: FastifyReply): Promise<FastifyReply> {
  const { store, userId, address } = request
  if (address.account !== userId) throw notAllowed()
  bodyLength(request)
  const lines = await readLines(request, reply)
  if (lines === 'too many') return render(request, reply, failure(413, `At most ${BULK_NAMES} names are taken at once.`))
  if (lines.length === 0) return render(request, reply, failure(400, 'Invalid bulk delete.'))
  const errors: [string, string][] = []
  const named: BulkName[] = []
  for (const line of lines) {
    try {
      named.push(readName(request, line))
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      errors.push([line, statusLine(error.code)])
    }
  }
  const done: BulkDeleted = await bulkDelete(store, userId, address.account, named)
  for (const { container, name, fault } of done.refused) errors.push([pathOf({ container, name }), statusLine(fault.code)])
  const status = errors.length > 0 ? 400 : done.deleted > 0 || done.notFound > 0 ? 200 : 400
  return render(request, reply, { ...done, status, message: '', errors })
}

const failure = (status: number, message: string): Answer => ({ status, message, deleted: 0, notFound: 0, errors: [] })

const statusLine = (code: number) => `${code} ${STATUS_CODES[code] ?? ''}`.trim()

const pathOf = ({ container, name }: BulkName) =>
  `/${encodeURIComponent(container)}${name === undefined ? '' : `/${name.split('/').map(encodeURIComponent).join('/')}`}`

/** A name of 1024 characters may take 12 KiB with every byte escaped. */
const LONGEST_BODY = BULK_NAMES * 4096

async function readLines(request: PithosRequest<'account'>, reply: FastifyReply): Promise<string[] | 'too many'> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of bodyOf(request, reply)) {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes > LONGEST_BODY) throw new Fault('badRequest', `The list of names is longer than ${LONGEST_BODY} bytes.`)
  }
  const named: string[] = []
  for (const line of linesOf(Buffer.concat(chunks).toString('utf8')))
    if (line !== '' && named.push(line) > BULK_NAMES) return 'too many'
  return named
}

/** One after the other: a body may hold nothing but ends of lines. */
function* linesOf(text: string): Generator<string> {
  for (let at = 0; at < text.length; ) {
    const next = text.indexOf('\n', at)
    const end = next === -1 ? text.length : next
    yield text.slice(at, end).trim()
    at = end + 1
  }
}

function readName({ reach, userId, address: { account } }: PithosRequest<'account'>, line: string): BulkName {
  const path = decodeOnce(line, 'A name').replace(/^\//, '')
  const slash = path.indexOf('/')
  const [container, name] = slash === -1 ? [path, ''] : [path.slice(0, slash), path.slice(slash + 1)]
  checkName('container', container)
  if (name === '') {
    checkContainerReach(reach, userId, { account, container }, 'write', 'whole')
    return { container, name: undefined }
  }
  checkName('object', name)
  checkObjectReach(reach, userId, { account, container, name }, 'write')
  return { container, name }
}

function render({ params, headers }: PithosRequest<'account'>, reply: FastifyReply, answer: Answer): FastifyReply {
  const { status, message, deleted, notFound, errors } = answer
  const facts: [string, string | number][] = [
    ['Number Deleted', deleted],
    ['Number Not Found', notFound],
    ['Response Body', message],
    ['Response Status', statusLine(status)],
  ]
  const format = chooseFormat(params, headers.get('accept'), 'text')
  if (format === 'json') return answerJson(reply, { ...Object.fromEntries(facts), Errors: errors })
  if (format === 'text') {
    const lines = [...facts.map(([key, value]) => `${key}: ${value}`), 'Errors:', ...errors.map((each) => each.join(', '))]
    return answerBody(reply, 'text', `${lines.join('\n')}\n`)
  }
  const element = (key: string, value: string | number) => {
    const name = key.toLowerCase().replaceAll(' ', '_')
    return `<${name}>${escapeXml(value)}</${name}>`
  }
  const objects = errors.map(([name, reason]) => `<object>${element('name', name)}${element('status', reason)}</object>`)
  const body = facts.map(([key, value]) => element(key, value)).join('')
  return answerBody(reply, 'xml', `${XML_HEAD}<delete>${body}<errors>${objects.join('')}</errors></delete>`)
}
