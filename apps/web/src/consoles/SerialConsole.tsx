import '@xterm/xterm/css/xterm.css'
import { FitAddon } from '@xterm/addon-fit'
import { Terminal } from '@xterm/xterm'
import { useEffect, useRef, useState } from 'react'
import { explain } from '../ui/failure.ts'
import type { Line } from './ConsoleFrame.tsx'
import { ConsoleFrame } from './ConsoleFrame.tsx'
import { askForConsole } from './socket.ts'

/** The serial line of a server: its boot messages and a login, as text. */
export default function SerialConsole({ server }: { server: number }) {
  const screen = useRef<HTMLDivElement>(null)
  const terminal = useRef<Terminal>(undefined)
  const [line, setLine] = useState<Line>({ state: 'connecting' })
  const [attempt, setAttempt] = useState(0)

  // What was written stays on the screen from one connection to the next.
  useEffect(() => {
    if (screen.current === null) return
    const opened = new Terminal({
      cursorBlink: true,
      fontFamily: 'ui-monospace, "SFMono-Regular", "Cascadia Mono", "DejaVu Sans Mono", monospace',
      fontSize: 14,
      scrollback: 5_000,
      screenReaderMode: true,
      theme: { background: '#05070d', foreground: '#d6dcea', cursor: '#93a8ff', selectionBackground: '#2f3f7a' },
    })
    const fit = new FitAddon()
    opened.loadAddon(fit)
    opened.open(screen.current)
    fit.fit()
    const observer = new ResizeObserver(() => fit.fit())
    observer.observe(screen.current)
    terminal.current = opened
    return () => {
      observer.disconnect()
      opened.dispose()
      terminal.current = undefined
    }
  }, [])

  // biome-ignore lint/correctness/useExhaustiveDependencies: every attempt is a connection of its own
  useEffect(() => {
    let ended = false
    let socket: WebSocket | undefined
    const bytes = new TextEncoder()
    setLine({ state: 'connecting' })
    const typing = terminal.current?.onData((text) => socket?.readyState === WebSocket.OPEN && socket.send(bytes.encode(text)))
    askForConsole(server, 'serial').then(
      ({ url }) => {
        if (ended) return
        socket = new WebSocket(url, ['binary'])
        socket.binaryType = 'arraybuffer'
        socket.onopen = () => {
          setLine({ state: 'connected' })
          terminal.current?.focus()
        }
        socket.onmessage = ({ data }: MessageEvent<ArrayBuffer | string>) =>
          terminal.current?.write(typeof data === 'string' ? data : new Uint8Array(data))
        socket.onclose = ({ reason, wasClean }) => {
          if (!ended) setLine({ state: 'closed', reason: reason || (wasClean ? undefined : 'The line to the console broke') })
        }
      },
      (error: unknown) => !ended && setLine({ state: 'closed', reason: explain(error) }),
    )
    return () => {
      ended = true
      typing?.dispose()
      socket?.close()
    }
  }, [server, attempt])

  return (
    <ConsoleFrame line={line} focus={() => terminal.current?.focus()} onReconnect={() => setAttempt((now) => now + 1)}>
      <div className="console-inside console-inside-text" ref={screen} />
    </ConsoleFrame>
  )
}
