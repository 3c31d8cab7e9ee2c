// What a server looks like to a person: one word for its state, and whether that is about to change.
import type { Server } from '@synnefo/clients/compute'

/** Words for what is being done to a server, by `SNF:task_state`. */
const TASKS: Record<string, string> = {
  BUILDING: 'Building',
  STARTING: 'Starting',
  STOPPING: 'Shutting down',
  REBOOTING: 'Rebooting',
  DESTROYING: 'Deleting',
  RESIZING: 'Resizing',
  CONNECTING: 'Connecting',
  DISCONNECTING: 'Disconnecting',
  ATTACHING_VOLUME: 'Attaching disk',
  DETACHING_VOLUME: 'Detaching disk',
  RESCUING: 'Entering rescue mode',
  UNRESCUING: 'Leaving rescue mode',
  REASSIGNING: 'Moving to a project',
}

const STATES: Record<string, string> = {
  BUILD: 'Building',
  ACTIVE: 'Running',
  STOPPED: 'Stopped',
  REBOOT: 'Rebooting',
  RESIZE: 'Resizing',
  ERROR: 'Error',
  DELETED: 'Deleted',
}

export type Indicator = 'success' | 'stopped' | 'in-progress' | 'error' | 'pending'

export function isChanging(server: Pick<Server, 'status' | 'SNF:task_state'>): boolean {
  return ['BUILD', 'REBOOT', 'RESIZE'].includes(server.status) || (server['SNF:task_state'] ?? '') !== ''
}

export function describeState(server: Pick<Server, 'status' | 'SNF:task_state' | 'suspended' | 'SNF:rescue'>): {
  text: string
  indicator: Indicator
} {
  if (server.suspended) return { text: 'Suspended', indicator: 'stopped' }
  const task = TASKS[server['SNF:task_state'] ?? '']
  if (task !== undefined) return { text: task, indicator: 'in-progress' }
  const text = `${STATES[server.status] ?? 'Unknown'}${server['SNF:rescue'] ? ' (rescue)' : ''}`
  if (server.status === 'ERROR') return { text, indicator: 'error' }
  if (server.status === 'ACTIVE') return { text, indicator: 'success' }
  if (isChanging(server)) return { text, indicator: 'in-progress' }
  return { text, indicator: server.status === 'STOPPED' ? 'stopped' : 'pending' }
}

/** What the cloud is doing while it builds a server, in a sentence. */
export function describeBuild(server: Pick<Server, 'progress' | 'diagnostics' | 'SNF:build_step'>): string {
  if (server['SNF:build_step']) return server['SNF:build_step']
  if (server.progress > 0 && server.progress < 100) return `Copying the image, ${server.progress} %`
  const step = server.diagnostics.find(({ source }) => source === 'image-helper-task-start' || source === 'image-info')
  return step?.message ?? (server.progress === 0 ? 'Preparing' : 'Customising the image')
}

/** Why a server is in error: the latest word of whatever made it. */
export function describeError(server: Pick<Server, 'diagnostics'>): string | undefined {
  const [latest] = server.diagnostics.filter(({ level }) => level === 'ERROR')
  return (latest ?? server.diagnostics[0])?.message
}

/** The addresses of a server, public ones first as the API orders them. */
export function addressesOf(server: Pick<Server, 'attachments'>): string[] {
  return server.attachments.flatMap(({ ipv4, ipv6 }) => [ipv4, ipv6]).filter((address) => address !== '' && address != null)
}
