import Button from '@cloudscape-design/components/button'
import RFB from '@novnc/novnc'
import { useEffect, useRef, useState } from 'react'
import { explain } from '../ui/failure.ts'
import type { Line } from './ConsoleFrame.tsx'
import { ConsoleFrame } from './ConsoleFrame.tsx'
import { askForConsole } from './socket.ts'

/** The screen, keyboard and mouse of a server, over VNC. */
export default function GraphicalConsole({ server }: { server: number }) {
  const screen = useRef<HTMLDivElement>(null)
  const rfb = useRef<RFB>(undefined)
  const [line, setLine] = useState<Line>({ state: 'connecting' })
  const [attempt, setAttempt] = useState(0)

  // biome-ignore lint/correctness/useExhaustiveDependencies: every attempt is a connection of its own
  useEffect(() => {
    let ended = false
    setLine({ state: 'connecting' })
    askForConsole(server, 'vnc').then(
      ({ url, password }) => {
        if (ended || screen.current === null) return
        const opened = new RFB(screen.current, url, { credentials: { password }, wsProtocols: ['binary'] })
        rfb.current = opened
        opened.scaleViewport = true
        opened.background = 'transparent'
        opened.addEventListener('connect', () => {
          setLine({ state: 'connected' })
          opened.focus()
        })
        opened.addEventListener('securityfailure', () =>
          setLine({ state: 'closed', reason: 'The console did not let this page in' }),
        )
        opened.addEventListener('disconnect', ({ detail }) => {
          if (ended) return
          setLine((now) =>
            now.state === 'closed'
              ? now
              : { state: 'closed', reason: detail.clean ? undefined : 'The line to the console broke' },
          )
        })
      },
      (error: unknown) => !ended && setLine({ state: 'closed', reason: explain(error) }),
    )
    return () => {
      ended = true
      rfb.current?.disconnect()
      rfb.current = undefined
    }
  }, [server, attempt])

  return (
    <ConsoleFrame
      line={line}
      focus={() => rfb.current?.focus()}
      onReconnect={() => setAttempt((now) => now + 1)}
      tools={
        <Button
          disabled={line.state !== 'connected'}
          onClick={() => {
            rfb.current?.sendCtrlAltDel()
            rfb.current?.focus()
          }}
        >
          Ctrl-Alt-Del
        </Button>
      }
    >
      <div className="console-inside" ref={screen} />
    </ConsoleFrame>
  )
}
