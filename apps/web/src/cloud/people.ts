import { identity } from './connection.ts'

/** Who has these e-mail addresses. Throws when nobody has one of them. */
export async function peopleOf(emails: readonly string[]): Promise<string[]> {
  const found = await identity.uuidsOf([...emails])
  const unknown = emails.filter((email) => found[email] === undefined)
  if (unknown.length === 1 && emails.length === 1) throw new Error('Nobody in this cloud has that address')
  if (unknown.length > 0) throw new Error(`Nobody in this cloud has the address ${unknown.join(', ')}`)
  return emails.map((email) => found[email]!)
}
