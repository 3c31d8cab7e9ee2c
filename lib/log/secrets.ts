/**
 * The text with `mask` in place of what is called a secret in it, and of long words that only a program could have made
 * up: one token in 1500 has no digit.
 */
export function withoutSecrets(text: string, mask = '********'): string {
  return text
    .replace(/((?:password|secret|token|authorization)["']?\s*[:=]\s*["']?)([^\s"',&}]+)/gi, `$1${mask}`)
    .replace(/(?<![\w-])(?=[\w-]*\d|(?:[a-z_-]*[A-Z]){10})(?=[\w-]*[a-z])(?=[\w-]*[A-Z])[\w-]{30,}(?![\w-])/g, mask)
}
