import Button from '@cloudscape-design/components/button'
import SpaceBetween from '@cloudscape-design/components/space-between'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import type { ReactNode } from 'react'
import { useRef } from 'react'
import './console.css'

export type Line = { state: 'connecting' } | { state: 'connected' } | { state: 'closed'; reason?: string | undefined }

interface ConsoleFrameProps {
  line: Line
  /** Where keys go to. */
  focus: () => void
  onReconnect: () => void
  tools?: ReactNode
  children: ReactNode
}

/** What both consoles have around their screen. */
export function ConsoleFrame({ line, focus, onReconnect, tools, children }: ConsoleFrameProps) {
  const frame = useRef<HTMLElement>(null)
  return (
    <section className="console" ref={frame} aria-label="Console">
      <header>
        <span role="status">
          {line.state === 'connecting' && <StatusIndicator type="in-progress">Connecting</StatusIndicator>}
          {line.state === 'connected' && <StatusIndicator type="success">Connected</StatusIndicator>}
          {line.state === 'closed' && (
            <StatusIndicator type={line.reason ? 'error' : 'stopped'}>{line.reason ?? 'The console was closed'}</StatusIndicator>
          )}
        </span>
        <SpaceBetween direction="horizontal" size="xs">
          {tools}
          <Button iconName="refresh" onClick={onReconnect}>
            Reconnect
          </Button>
          <Button
            iconName="full-screen"
            onClick={async () => {
              if (document.fullscreenElement === null) await frame.current?.requestFullscreen()
              else await document.exitFullscreen()
              focus()
            }}
          >
            Full screen
          </Button>
        </SpaceBetween>
      </header>
      <div className="console-screen">
        {children}
        {line.state === 'closed' && (
          <div className="console-over">
            <p>{line.reason ?? 'The console was closed.'}</p>
            <Button variant="primary" onClick={onReconnect}>
              Connect again
            </Button>
          </div>
        )}
      </div>
      <p className="soft small">
        The console is for first steps and for trouble; SSH is faster. Click into it to type, and outside to leave it.
      </p>
    </section>
  )
}
