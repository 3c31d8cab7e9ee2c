// Names that all implementations share, so that one can take the other's place.

/** Where messages go whose handling failed. */
export const deadLettersOf = (name: string) => `${name}-dl`

/**
 * A binding key as a regular expression that matches routing keys with a dot behind them. Means the same to JavaScript
 * and to PostgreSQL.
 */
export function patternOf(key: string): string {
  const words = key.split('.').map((word) => {
    if (word === '#') return '([^.]*\\.)*'
    return `${word === '*' ? '[^.]*' : word.replaceAll(/[^A-Za-z0-9_]/g, '\\$&')}\\.`
  })
  return `^${words.join('')}$`
}
