/** A line of JSON as our programs log it, for people: time, level, message, then what is left. Other lines stay as they are. */
export function readableLine(line: string): string {
  const entry = parse(line)
  if (!entry) return line
  const { time, level, msg, name: _name, pid: _pid, ...rest } = entry
  const details = Object.entries(rest).map(
    ([key, value]) => ` ${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  )
  return `${time} ${String(level).toUpperCase().padEnd(5)} ${msg ?? ''}${details.join('')}`
}

function parse(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    return JSON.parse(line) as Record<string, unknown>
  } catch {
    return undefined
  }
}
