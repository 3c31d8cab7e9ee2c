// What names and values may be, for the service and for pages that ask for them.

/** Of the headers of one kind in a request; a name counts with its prefix. */
export const METADATA_LIMITS = { count: 90, nameCharacters: 128, valueCharacters: 256 }
const METADATA_PREFIX = 'X-Object-Meta-'

/** Groups, their members, and those with whom something is shared. */
export const LONGEST_SUBJECT = 256

/** Why a group cannot have this name; undefined when it can. */
export function groupNameRefusal(name: string): string | undefined {
  if (/[-_]/.test(name)) return 'The name of a group holds no - and no _.'
  // Lists of those with whom something is shared could not hold such a name.
  if (/[\s,;\p{Cc}]/u.test(name)) return 'The name of a group holds no blank, comma or semicolon.'
  if ([...name].length > LONGEST_SUBJECT) return `The name of a group is longer than ${LONGEST_SUBJECT} characters.`
  return undefined
}

/** Why an object cannot have this metadata; undefined when it can. */
export function metadataRefusal(name: string, value: string): string | undefined {
  const { nameCharacters, valueCharacters } = METADATA_LIMITS
  const longest = nameCharacters - METADATA_PREFIX.length
  if ([...name].length > longest) return `A name has ${longest} characters at most.`
  if ([...value].length > valueCharacters) return `A value has ${valueCharacters} characters at most.`
  return undefined
}
