import { quote } from '../guest-root.ts'
import { DeployFailed } from '../interface.ts'
import type { Task } from './task.ts'

const SAFE = 'nodev,nosuid'

/**
 * Mounts the root and gives it the helper's /dev and /proc, where scripts that run inside find their tools. A link in
 * the place of these folders would lead the mount elsewhere.
 */
const mountScript = (device: string) => `
mount -t ext4 -o ${SAFE} ${device} /mnt || exit 1
[ -d /mnt/etc ] || exit 2
for folder in /mnt/dev /mnt/proc; do
  [ -L $folder ] && exit 3
  [ -d $folder ] || mkdir $folder || exit 1
done
mount -o bind /dev /mnt/dev && mount -t proc proc /mnt/proc`

export const mountImage: Task = {
  name: 'MountImage',
  mounted: true,
  always: true,
  async run({ disk, machine, root, warn }) {
    const { status, errors } = await machine.run('helper', mountScript(await disk.rootDevice()))
    if (status === 2)
      throw new DeployFailed('The root partition of the image holds no system (it has no /etc): set its property ROOT_PARTITION.')
    if (status === 3) throw new DeployFailed('In the image /dev or /proc is a link, not a folder.')
    if (status !== 0) throw new DeployFailed('The root file system of the image could not be mounted.', errors)
    const fstab = (await root.read('/etc/fstab'))?.toString('latin1') ?? ''
    for (const { device, folder } of otherFileSystems(fstab)) {
      const script = `device=$(findfs ${quote(device)} 2>/dev/null || echo ${quote(device)}); mount -t ext4 -o ${SAFE} "$device" ${quote(folder)}`
      if ((await root.run(script)).status !== 0) warn(`The file system that /etc/fstab names for ${folder} could not be mounted.`)
    }
  },
}

/** File systems of their own that hold what the tasks change. */
export function otherFileSystems(fstab: string): { device: string; folder: string }[] {
  return fstab
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(
      ([device, folder, type]) =>
        device && !device.startsWith('#') && folder?.match(/^\/(home|usr|var)$/) && type?.match(/^ext[234]$/),
    )
    .map(([device = '', folder = '']) => ({ device: device.replace(/^\/dev\/[a-z]+(\d+)$/, '/dev/vda$1'), folder }))
}

export const umountImage: Task = {
  name: 'UmountImage',
  mounted: true,
  always: true,
  async run({ machine }) {
    const folders = '/mnt/home /mnt/usr /mnt/var /mnt/proc /mnt/dev'
    const script = `for folder in ${folders}; do umount $folder 2>/dev/null; done; umount /mnt && sync`
    const { status, errors } = await machine.run('helper', script)
    if (status !== 0) throw new DeployFailed('The root file system of the image could not be finished.', errors)
  },
}
