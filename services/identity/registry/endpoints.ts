/** Where an endpoint is that was registered without an address: below its component, without a slash at the end. */
export function addressOf(componentUrl: string, prefix: string, endpoint: Readonly<Record<string, string>>): string {
  const version = endpoint['SNF:exposeVersion'] === 'False' ? '' : endpoint['versionId']
  return [componentUrl.replace(/\/+$/, ''), prefix, version].filter(Boolean).join('/')
}
