// The cloud tells this page what changed over one WebSocket; while that is down, the page asks every few seconds instead.
import { useSyncExternalStore } from 'react'
import { changed, queryClient } from './queries.ts'

const POLL = 5_000
const LONGEST_PAUSE = 30_000
const TOGETHER = 200
/** Close code of a page that is nobody's any more. */
const SIGNED_OUT = 4401
/** Asked for again and again while nothing is announced. The rest changes by this page's own doing, or hardly ever. */
const POLLED = ['servers', 'objects', 'images', 'quotas', 'volumes', 'networks']

/** Undefined until the first attempt ended either way. */
let connected: boolean | undefined
const listeners = new Set<() => void>()

export function useLive(): boolean | undefined {
  return useSyncExternalStore(
    (tell) => {
      listeners.add(tell)
      return () => listeners.delete(tell)
    },
    () => connected,
  )
}

/** Listens until the returned function is called. */
export function listen(): () => void {
  let socket: WebSocket | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let pause = 1_000
  let missedSome = false
  let ended = false

  const connect = () => {
    socket = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ui/live`)
    socket.onopen = () => {
      pause = 1_000
      settle(true)
      if (missedSome) for (const topic of POLLED) announce(topic)
    }
    socket.onmessage = ({ data }) => {
      const topic = topicOf(data)
      if (topic !== undefined) announce(topic)
    }
    socket.onclose = ({ code }) => {
      settle(false)
      if (code === SIGNED_OUT) void queryClient.invalidateQueries({ queryKey: ['session'] })
      missedSome = true
      if (ended) return
      timer = setTimeout(connect, pause)
      pause = Math.min(pause * 2, LONGEST_PAUSE)
    }
  }
  connect()

  const poll = setInterval(() => {
    if (connected || document.hidden) return
    for (const topic of POLLED) void queryClient.invalidateQueries({ queryKey: [topic] })
  }, POLL)

  return () => {
    ended = true
    clearTimeout(timer)
    clearInterval(poll)
    socket?.close()
  }
}

const announced = new Set<string>()

/** Announcements come in bursts, such as the steps of a build: they are answered together. */
function announce(topic: string) {
  if (announced.size === 0) {
    setTimeout(() => {
      for (const each of announced) void changed(each)
      announced.clear()
    }, TOGETHER)
  }
  announced.add(topic)
}

function settle(now: boolean) {
  if (connected === now) return
  connected = now
  for (const tell of listeners) tell()
}

function topicOf(data: unknown): string | undefined {
  try {
    const { topic } = JSON.parse(String(data)) as { topic?: unknown }
    return typeof topic === 'string' ? topic : undefined
  } catch {
    return undefined
  }
}
