// The helper VM: a QEMU process that sees one disk and talks to us over one private channel, a socket pair that
// exists in no file system. It dies with this process (`setpriv --pdeathsig`), however that ends.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Duplex, Readable } from 'node:stream'
import { DeployFailed } from './interface.ts'
import type { HelperSystem } from './system/build.ts'

export interface MachineOptions {
  system: HelperSystem
  disk: { socketPath: string; exportName: string }
  acceleration: 'kvm' | 'tcg'
  /** Who QEMU runs as; needs root. */
  user?: { uid: number; gid: number }
  signal: AbortSignal
}

export interface Answer {
  status: number
  output: Buffer
  errors: string
}

/** Where a script runs: in the helper, or inside the mounted image where no path leads out. */
export type Where = 'helper' | 'image'

export interface Machine {
  /** Runs a shell script; `input` is its standard input. One at a time. */
  run(where: Where, script: string, input?: Uint8Array): Promise<Answer>
  /** Flushes the disk and ends the machine. */
  finish(): Promise<void>
  /** Ends the machine at once. */
  kill(): Promise<void>
}

/** The image is not to be trusted: nothing that it makes the helper say may fill our memory. */
const ANSWER_BYTES = 8 * 1024 * 1024
const CONSOLE_BYTES = 4096
const CHANNEL = 3

export function startMachine(options: MachineOptions): Machine {
  const qemu = spawn('setpriv', [...privileges(options.user), 'qemu-system-x86_64', ...machineArguments(options)], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    signal: options.signal,
    killSignal: 'SIGKILL',
  })
  const left = ending(qemu)
  const channel = qemu.stdio[CHANNEL] as Duplex
  const words = lastWords(qemu.stdout as Readable, qemu.stderr as Readable)
  const died = left.then(() => {
    options.signal.throwIfAborted()
    if (qemu.exitCode === 127) throw new Error(`QEMU is not installed: ${words()}`) // said by setpriv
    throw new DeployFailed('The helper that customises the image stopped unexpectedly.', words())
  })
  died.catch(() => {}) // told to whoever waits for an answer
  const answers = readAnswers(untilClosed(channel))

  return {
    async run(where, script, input = new Uint8Array()) {
      const text = Buffer.from(script)
      channel.write(Buffer.concat([Buffer.from(`${where} ${text.length} ${input.length}\n`), text, input]))
      const answer = await Promise.race([answers.next(), died])
      return answer.done ? died : answer.value
    },
    async finish() {
      qemu.kill('SIGTERM') // QEMU flushes the disk and lets go of it
      await left
    },
    async kill() {
      qemu.kill('SIGKILL')
      await left
    },
  }
}

async function ending(qemu: ChildProcess): Promise<void> {
  try {
    await once(qemu, 'close')
  } catch (error) {
    // An abort is told by the signal; anything else means that there is no QEMU here.
    if ((error as Error).name !== 'AbortError') throw new Error('QEMU cannot be started', { cause: error })
    if (qemu.exitCode === null && qemu.signalCode === null) await once(qemu, 'close')
  }
}

function privileges(user: MachineOptions['user']): string[] {
  const drop = user ? ['--reuid', `${user.uid}`, '--regid', `${user.gid}`, '--init-groups'] : []
  return ['--pdeathsig', 'KILL', ...drop]
}

function machineArguments({ system, disk, acceleration }: MachineOptions): string[] {
  const blockdev = {
    driver: 'nbd',
    'node-name': 'disk',
    server: { type: 'unix', path: disk.socketPath },
    export: disk.exportName,
    'reconnect-delay': 10,
    discard: 'unmap',
    'detect-zeroes': 'unmap', // what resize2fs clears stays a hole
  }
  return [
    ...['-machine', `q35,accel=${acceleration}`, '-m', '256', '-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot'],
    ...(acceleration === 'kvm' ? ['-cpu', 'host'] : []),
    ...['-sandbox', 'on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny'],
    ...['-kernel', system.kernelPath, '-initrd', system.ramdiskPath, '-append', 'console=ttyS0 quiet panic=-1'],
    ...['-serial', 'stdio'],
    ...['-blockdev', JSON.stringify(blockdev), '-device', 'virtio-blk-pci,drive=disk'],
    ...[
      '-chardev',
      `socket,id=channel,fd=${CHANNEL}`,
      '-device',
      'virtio-serial-pci',
      '-device',
      'virtserialport,chardev=channel',
    ],
  ]
}

/** The end of what the machine and QEMU printed, for the one who looks into a failure. */
function lastWords(...streams: Readable[]): () => string {
  let text = ''
  for (const stream of streams)
    stream.setEncoding('utf8').on('data', (chunk: string) => (text = (text + chunk).slice(-CONSOLE_BYTES)))
  return () => text.trim()
}

/** A machine that ends may reset the channel; that it ended is told otherwise. */
async function* untilClosed(channel: Duplex): AsyncGenerator<Buffer> {
  try {
    yield* channel
  } catch {}
}

/** Cuts what comes over the channel into answers. */
async function* readAnswers(channel: AsyncIterable<Buffer>): AsyncGenerator<Answer, void> {
  let received = Buffer.alloc(0)
  for await (const chunk of channel) {
    received = Buffer.concat([received, chunk])
    const lineEnd = received.indexOf('\n')
    const header = /^(\d+) (\d+) (\d+)$/.exec(received.subarray(0, Math.max(lineEnd, 0)).toString('latin1'))
    const garbled = lineEnd < 0 ? received.length > 64 : header === null
    const [status = 0, outputBytes = 0, errorBytes = 0] = header?.slice(1).map(Number) ?? []
    if (garbled || outputBytes + errorBytes > ANSWER_BYTES) {
      throw new DeployFailed('The helper that customises the image gave an answer that makes no sense.')
    }
    const start = lineEnd + 1
    const end = start + outputBytes + errorBytes
    if (!header || received.length < end) continue
    const output = received.subarray(start, start + outputBytes)
    const errors = received.subarray(start + outputBytes, end).toString('utf8')
    received = received.subarray(end)
    yield { status, output, errors }
  }
}
