/**
 * The address of today for one that the oldest clients use: `/v1/…` at the root of the server or of the component, without
 * the name of the service. Answers never show them.
 */
export function presentAddress(path: string): string {
  const [, version, rest] = /^(?:\/pithos)?\/(v1(?:\.0)?)(\/.*)$/s.exec(path) ?? []
  return version === undefined ? path : `/pithos/object-store/${version}${rest}`
}
