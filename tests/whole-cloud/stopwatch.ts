/** Says how long each part of a long test took, whether it ends well or not. */
export function stopwatch(onTestFinished: (work: () => void) => void) {
  const parts: string[] = []
  onTestFinished(() => console.log(parts.join('\n')))
  return async <T>(part: string, work: () => Promise<T>): Promise<T> => {
    const startedMs = performance.now()
    let outcome = 'failed'
    try {
      const answer = await work()
      outcome = ''
      return answer
    } finally {
      parts.push(`${((performance.now() - startedMs) / 1000).toFixed(1).padStart(6)} s  ${part} ${outcome}`)
    }
  }
}
