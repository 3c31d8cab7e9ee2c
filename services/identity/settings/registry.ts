import { defineSettings, setting } from '@synnefo/lib/settings'
import { Count } from './types.ts'

export const registrySettings = defineSettings({
  ASTAKOS_ENDPOINT_CACHE_TIMEOUT: setting(Count, {
    default: 60,
    help: 'Seconds for which a process remembers the service catalogue, should it miss that it changed.',
  }),
  ASTAKOS_RESOURCE_CACHE_TIMEOUT: setting(Count, {
    default: 60,
    help: 'Seconds for which a process remembers the resources, should it miss that they changed.',
  }),
})
