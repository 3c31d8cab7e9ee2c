import { formatDistance, formatExactTime, formatTime, readTime } from './format.ts'

/** A moment in the reader's own time; the title says it exactly, in UTC. */
export function When({ at, distance = false }: { at: string | Date; distance?: boolean }) {
  const time = typeof at === 'string' ? readTime(at) : at
  if (Number.isNaN(time.getTime())) return <>–</>
  return (
    <time dateTime={time.toISOString()} title={formatExactTime(time)}>
      {distance ? formatDistance(time) : formatTime(time)}
    </time>
  )
}
