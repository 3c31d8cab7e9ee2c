// What all pages show of the cloud: its services, who is signed in, and how its resources are called.
import type { ComponentPresentation } from '@synnefo/identity/wire/cloudbar.ts'
import type { GroupPresentation, ResourcePresentation } from '@synnefo/identity/wire/resource-presentation.ts'
import type { Connection } from './http.ts'

export interface ServiceShown extends ComponentPresentation {
  name: string
  url: string | null
}

export interface MenuEntry {
  url: string
  name: string
  is_active?: boolean
}

export interface ResourcesShown {
  groups: (GroupPresentation & { name: string })[]
  /** In the order in which pages show them. */
  resources: (ResourcePresentation & { name: string; unit: 'bytes' | null })[]
}

export function openServices(cloud: Connection) {
  return {
    list: () => cloud.json<ServiceShown[]>('GET', '/astakos/ui/get_services'),
    menu: () => cloud.json<MenuEntry[]>('GET', '/astakos/ui/get_menu'),
    resources: () => cloud.json<ResourcesShown>('GET', '/astakos/ui/api/resources'),
    people: async () => (await cloud.json<{ users: { total: number; active: number } }>('GET', '/astakos/admin/stats')).users,
  }
}
