import type { Properties } from '../properties.ts'
import { changePassword } from './access.ts'
import { initializeDatasource } from './cloud-init.ts'
import { filesystemResizeUnmounted, fixPartitionTable } from './disk.ts'
import { assignHostname, changeMachineId, deleteSshKeys, selinuxAutorelabel } from './identity.ts'
import { mountImage, umountImage } from './mount.ts'
import { configureNetwork } from './network/index.ts'
import { enforcePersonality, runCustomTask } from './personality.ts'
import type { Task } from './task.ts'

/** In the order of the specification. */
const TASKS: readonly Task[] = [
  fixPartitionTable,
  filesystemResizeUnmounted,
  mountImage,
  initializeDatasource,
  assignHostname,
  changeMachineId,
  changePassword,
  configureNetwork,
  deleteSshKeys,
  selinuxAutorelabel,
  enforcePersonality,
  runCustomTask,
  umountImage,
]

/** What is left to do of the list when the image's properties have excluded what they exclude. */
export function tasksFor(properties: Properties): Task[] {
  if (properties.flag('EXCLUDE_ALL_TASKS')) return []
  const cloudInit = properties.flag('CLOUD_INIT')
  const without = { mounted: properties.flag('EXCLUDE_MOUNTED_TASKS'), resize: properties.flag('EXCLUDE_FILESYSTEMRESIZE_TASKS') }
  return TASKS.filter((task) => {
    if (task.mounted && without.mounted) return false
    if (task.resizes && without.resize) return false
    if (task.cloudInit && (task.cloudInit === 'only') !== cloudInit) return false
    return task.always || !properties.flag(`EXCLUDE_TASK_${task.name.toUpperCase()}`)
  })
}
