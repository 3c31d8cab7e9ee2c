// The rest of what is used of `oidc-provider`, which ships no types, is in oauth2/openid/oidc-provider.d.ts.
declare module 'oidc-provider/lib/adapters/memory_adapter.js' {
  export default class MemoryAdapter {}
}
