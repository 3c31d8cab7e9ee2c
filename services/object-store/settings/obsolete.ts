/** Settings of older releases that mean nothing any more: files that hold them still serve. */
export const obsoleteSettings: readonly string[] = [
  'PITHOS_ASTAKOS_COOKIE_NAME',
  'PITHOS_AUTHENTICATION_USERS',
  'PITHOS_BACKEND_BLOCK_MODULE',
  'PITHOS_BACKEND_DB_MODULE',
  'PITHOS_BACKEND_QUEUE_*',
  'PITHOS_BACKEND_QUOTA',
  'PITHOS_BACKEND_STORAGE',
  'PITHOS_PROXY_USER_SERVICES',
  'PITHOS_QUOTAHOLDER_*',
  'PITHOS_RADOS_*',
  'PITHOS_USER_*_URL',
  'PITHOS_USE_QUOTAHOLDER',
]
