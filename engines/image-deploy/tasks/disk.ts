import { DeployFailed } from '../interface.ts'
import type { Task } from './task.ts'

export const fixPartitionTable: Task = {
  name: 'FixPartitionTable',
  cloudInit: 'no',
  async run({ disk, warn }) {
    const obstacle = await disk.growLastPartition()
    if (obstacle) warn(`The disk was not partitioned up to its end: ${obstacle}.`)
  },
}

/** e2fsck says 0 or 1 for a file system that is whole now, 2 when the machine should restart before using it. */
const STILL_DAMAGED = 4

export const filesystemResizeUnmounted: Task = {
  name: 'FilesystemResizeUnmounted',
  resizes: true,
  cloudInit: 'no',
  async run({ disk, machine }) {
    const device = await disk.rootDevice()
    const check = await machine.run('helper', `e2fsck -fy ${device}`)
    if (check.status >= STILL_DAMAGED) throw new DeployFailed('The root file system of the image is damaged.', ending(check))
    const resize = await machine.run('helper', `resize2fs -f ${device}`)
    if (resize.status !== 0) throw new DeployFailed('The root file system of the image could not be enlarged.', ending(resize))
  },
}

/** The last words of a tool: what went wrong stands at the end. */
const ending = ({ output, errors }: { output: Buffer; errors: string }) =>
  `${output.toString('utf8')}${errors}`.trim().slice(-1000)
