// Talking to a guest as a person does: through a screen of text, whether it is a page's terminal or a WebSocket.
import { until } from '@synnefo/lib/testing'

export interface TextScreen {
  /** What stands there now; earlier text may have scrolled away. */
  text(): string | Promise<string>
  type(text: string): void | Promise<void>
}

export interface GuestShell {
  /** What the command wrote. It must succeed. */
  run(command: string): Promise<string>
}

/** Guests are emulated where KVM does not work, and share the processors with other tests. */
const PATIENCE = { patienceMs: 240_000, everyMs: 100 }

export async function untilShown(screen: TextScreen, pattern: RegExp): Promise<RegExpExecArray> {
  try {
    return await until(async () => pattern.exec(await screen.text()), PATIENCE)
  } catch (cause) {
    throw new Error(`${pattern} did not appear; the screen shows:\n${await screen.text()}`, { cause })
  }
}

/** From the prompt of a guest to a shell. */
export async function logIn(screen: TextScreen, user: string, password: string): Promise<GuestShell> {
  await untilShown(screen, /login:\s*$/)
  await screen.type(`${user}\r`)
  await untilShown(screen, /Password:\s*$/)
  await screen.type(`${password}\r`)
  await untilShown(screen, /[#$]\s*$/)
  return openShell(screen)
}

/** A screen that is opened later shows what an earlier one ran, too: no two commands have the same number. */
let count = 0

export function openShell(screen: TextScreen): GuestShell {
  return {
    async run(command) {
      count += 1
      // What is typed appears too: only what printf writes has the number behind the bracket.
      await screen.type(`clear; printf '<%s:' ${count}; ${command}; printf ':%s:%s>' ${count} $?\r`)
      const [, output = '', status] = await untilShown(screen, new RegExp(`<${count}:([\\s\\S]*?):${count}:(\\d+)>`))
      if (status !== '0') throw new Error(`${command} ended with ${status}: ${output}`)
      return output.trim()
    },
  }
}
