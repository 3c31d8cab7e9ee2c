// The little of `oidc-provider` that the tests use; it ships no types.
declare module 'oidc-provider' {
  import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'

  interface Interaction {
    prompt: { name: string }
    params: Record<string, unknown>
    session?: { accountId: string }
  }
  interface Grant {
    addOIDCScope(scopes: string): void
    save(): Promise<string>
  }
  interface Configuration {
    adapter: unknown
    jwks: { keys: object[] }
    clients: object[]
    findAccount(context: unknown, sub: string): Promise<{ accountId: string; claims(): Promise<object> } | undefined>
    claims: Record<string, string[]>
    features: Record<string, { enabled: boolean }>
    interactions: { url(context: unknown, interaction: { uid: string }): string }
    cookies: { keys: string[] }
    ttl: Record<string, number>
    pkce: { required(): boolean }
  }
  export class Provider {
    constructor(issuer: string, configuration: Configuration)
    readonly Grant: new (about: {
      accountId: string
      clientId: string
    }) => Grant
    callback(): RequestListener
    interactionDetails(request: IncomingMessage, response: ServerResponse): Promise<Interaction>
    interactionFinished(request: IncomingMessage, response: ServerResponse, result: object): Promise<void>
  }
}

declare module 'oidc-provider/lib/adapters/memory_adapter.js' {
  export default class MemoryAdapter {}
}
