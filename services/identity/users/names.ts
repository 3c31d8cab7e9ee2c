import { Fault } from '@synnefo/lib/fault'

/** A person's name as it is stored. Throws `badRequest` that names the field. */
export function checkName(text: string, field: string): string {
  const name = text.trim()
  if (name === '' || name.length > 150 || hasControlCharacter(name)) {
    throw new Fault('badRequest', `Field '${field}' must be a name of 1 to 150 characters`)
  }
  return name
}

const hasControlCharacter = (text: string) => /\p{Cc}/u.test(text)
