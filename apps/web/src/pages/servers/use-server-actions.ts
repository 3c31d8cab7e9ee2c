import type { Server } from '@synnefo/clients/compute'
import { useState } from 'react'
import { compute } from '../../cloud/connection.ts'
import { changed } from '../../cloud/queries.ts'
import { explain } from '../../ui/failure.ts'

export const POWER = {
  START: { text: 'Start', doing: 'start', run: compute.startServer },
  STOP: { text: 'Shut down', doing: 'shut down', run: compute.shutdownServer },
  REBOOT: { text: 'Reboot', doing: 'reboot', run: (id: number) => compute.rebootServer(id) },
} as const
export type PowerAction = keyof typeof POWER
export const POWER_ACTIONS = Object.keys(POWER) as PowerAction[]

interface Asked {
  action: PowerAction
  /** What the cloud said against it; undefined while it has not answered. */
  failure?: string
}

/** Starts, shuts down and reboots. A refusal stays at the server that it is about, until the next attempt. */
export function useServerActions() {
  const [asked, setAsked] = useState<Record<number, Asked>>({})
  const forget = (id: number) => setAsked(({ [id]: _, ...others }) => others)
  return {
    isAsking: ({ id }: Server) => asked[id] !== undefined && asked[id].failure === undefined,
    failureOf({ id, name }: Server): string | undefined {
      const { action, failure } = asked[id] ?? {}
      return action !== undefined && failure !== undefined ? `Could not ${POWER[action].doing} ${name}: ${failure}` : undefined
    },
    forget,
    async act(action: PowerAction, { id }: Server) {
      setAsked((now) => ({ ...now, [id]: { action } }))
      try {
        await POWER[action].run(id)
        await changed('servers')
        forget(id)
      } catch (error) {
        setAsked((now) => ({ ...now, [id]: { action, failure: explain(error) } }))
      }
    },
  }
}
