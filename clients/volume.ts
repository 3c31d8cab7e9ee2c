import type { Connection } from './http.ts'

export interface Volume {
  id: string
  display_name: string | null
  display_description: string | null
  status: string
  /** GiB */
  size: number
  created_at: string
  volume_type: number
  image_id: string | null
  snapshot_id: string | null
  attachments: { server_id: number; volume_id: number; device_index: number }[]
  delete_on_termination: boolean
  user_id: string
  tenant_id: string
}

const ROOT = '/cyclades/volume/v2.0'

/** The volume API: the disks of servers and those that stand alone. */
export type Volumes = ReturnType<typeof openVolumes>

export function openVolumes(cloud: Connection) {
  return {
    listVolumes: async () => (await cloud.json<{ volumes: Volume[] }>('GET', `${ROOT}/volumes/detail`)).volumes,
  }
}
