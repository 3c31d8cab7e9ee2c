// The QEMU Machine Protocol: one JSON object per line, on a Unix socket that serves one client at a time.
import { connected } from '../../connected.ts'

export interface Qmp {
  execute(command: string, args?: object): Promise<unknown>
  close(): void
}

interface Message {
  QMP?: object
  event?: string
  id?: number
  return?: unknown
  error?: { class: string; desc: string }
}

/** QEMU's main loop may be busy with a disk that does not answer; then the connection is given up. */
const ANSWER_MS = 10_000

export async function connectQmp(
  socketPath: string,
  { onEvent, onClose }: { onEvent(event: string): void; onClose(): void },
): Promise<Qmp> {
  const socket = (await connected(socketPath)).setEncoding('utf8')
  const greeting = Promise.withResolvers<unknown>()
  const waiting = new Map<number, PromiseWithResolvers<unknown>>([[0, greeting]])
  let lastId = 0
  let rest = ''

  socket.on('data', (text: unknown) => {
    const lines = (rest + String(text)).split('\n')
    rest = lines.pop()!
    for (const line of lines) hear(JSON.parse(line) as Message)
  })
  socket.once('close', () => {
    for (const { reject } of waiting.values()) reject(new Error('QEMU closed the control connection'))
    waiting.clear()
  })

  function hear({ QMP, event, id = QMP === undefined ? undefined : 0, return: answer, error }: Message) {
    if (event !== undefined) onEvent(event)
    if (id === undefined) return
    if (error === undefined) waiting.get(id)?.resolve(answer)
    else waiting.get(id)?.reject(new Error(`QEMU: ${error.desc}`))
    waiting.delete(id)
  }

  async function answerTo(command: string, { promise, reject }: PromiseWithResolvers<unknown>): Promise<unknown> {
    const timer = setTimeout(() => {
      reject(new Error(`QEMU does not answer ${command}`))
      socket.destroy()
    }, ANSWER_MS)
    return promise.finally(() => clearTimeout(timer))
  }

  async function execute(command: string, args?: object): Promise<unknown> {
    if (socket.destroyed) throw new Error('the control connection to QEMU is closed')
    const id = ++lastId
    const answer = Promise.withResolvers<unknown>()
    waiting.set(id, answer)
    socket.write(`${JSON.stringify({ execute: command, arguments: args, id })}\n`)
    return answerTo(command, answer)
  }

  await answerTo('a greeting', greeting)
  await execute('qmp_capabilities')
  socket.once('close', onClose)
  return { execute, close: () => void socket.destroy() }
}
