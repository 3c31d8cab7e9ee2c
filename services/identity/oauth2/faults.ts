import { Fault } from '@synnefo/lib/fault'

/** The names of RFC 6749, 7636 and 8628. */
export type OAuthError =
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_grant'
  | 'invalid_scope'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'unsupported_response_type'
  | 'access_denied'
  | 'authorization_pending'
  | 'slow_down'
  | 'expired_token'

/** A refusal that a client of OAuth 2.0 can act on. */
export const oauthFault = (error: OAuthError, message: string) => new Fault('badRequest', message, { data: { error } })

/** What to call a fault of any kind. */
export function oauthErrorOf({ data, code }: Fault): string {
  if (typeof data?.['error'] === 'string') return data['error']
  return code >= 500 ? (code === 503 ? 'temporarily_unavailable' : 'server_error') : 'invalid_request'
}
