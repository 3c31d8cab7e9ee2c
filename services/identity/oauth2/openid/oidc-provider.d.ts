// The package has no types; these are of the parts that are used here.
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http'

  export interface ProviderContext {
    req: IncomingMessage
    type: string
    body: unknown
    oidc: {
      session?: { accountId?: string; grantIdFor(clientId: string): string | undefined }
      client?: ProviderClient
      result?: { consent?: { grantId?: string } }
      requestParamOIDCScopes: Set<string>
      provider: Provider
    }
  }

  export interface ProviderClient {
    clientId: string
    tokenEndpointAuthMethod: string
    /** Metadata of our own. */
    [extra: string]: unknown
  }

  export interface ProviderGrant {
    addOIDCScope(scope: string): void
    save(): Promise<string>
  }

  export interface ProviderInteraction {
    uid: string
    iat: number
    prompt: { name: string; reasons: string[]; details: Record<string, unknown> }
    params: Record<string, unknown>
    session?: { accountId: string }
  }

  export interface InteractionResult {
    login?: { accountId: string; ts?: number }
    consent?: { grantId: string }
    error?: string
    error_description?: string
  }

  export class Provider {
    constructor(issuer: string, configuration: Record<string, unknown>)
    proxy: boolean
    readonly issuer: string
    readonly Client: { prototype: Record<string, unknown>; find(id: string): Promise<ProviderClient | undefined> }
    readonly Grant: {
      new (properties: { accountId: string; clientId: string }): ProviderGrant
      find(id: string): Promise<ProviderGrant | undefined>
    }
    callback(): (request: IncomingMessage, response: ServerResponse) => void
    on(event: string, listener: (...values: never[]) => void): void
    interactionDetails(request: IncomingMessage, response: ServerResponse): Promise<ProviderInteraction>
    interactionFinished(request: IncomingMessage, response: ServerResponse, result: InteractionResult): Promise<void>
    interactionResult(request: IncomingMessage, response: ServerResponse, result: InteractionResult): Promise<string>
  }

  export const interactionPolicy: {
    base(): { get(name: string): { checks: { add(check: unknown): void } } | undefined }
    Check: {
      new (reason: string, description: string, check: (context: ProviderContext) => boolean | Promise<boolean>): unknown
      REQUEST_PROMPT: true
      NO_NEED_TO_PROMPT: false
    }
  }

  export const errors: { SessionNotFound: new (...values: never[]) => Error }
}
