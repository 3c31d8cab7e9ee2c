// For tests: what an authenticator app would show.
import { TOTP } from 'otpauth'

/** The code of so many steps of half a minute from now. */
export function codeOf(secret: string, steps = 0): string {
  return new TOTP({ secret }).generate({ timestamp: Date.now() + steps * 30_000 })
}

/** One that is not right now, nor for some minutes. */
export function wrongCodeOf(secret: string): string {
  const right = Array.from({ length: 21 }, (_, step) => codeOf(secret, step - 3))
  return ['000000', '111111'].find((code) => !right.includes(code)) ?? '222222'
}
