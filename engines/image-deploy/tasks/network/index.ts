import type { DeployNic } from '../../interface.ts'
import { CLOUD_CONFIG } from '../cloud-init.ts'
import type { Task } from '../task.ts'
import { cloudInitNetwork } from './cloud-init.ts'
import { interfacesFile, udevRules } from './ifupdown.ts'
import { networkFiles } from './networkd.ts'

const MARKS = {
  networkd: [
    '/etc/systemd/system/multi-user.target.wants/systemd-networkd.service',
    '/etc/systemd/system/dbus-org.freedesktop.network1.service',
    '/etc/systemd/system/sockets.target.wants/systemd-networkd.socket',
  ],
  ifupdown: ['/sbin/ifup', '/usr/sbin/ifup'],
  cloudInit: ['/etc/cloud/cloud.cfg'],
  udev: ['/lib/udev/rules.d', '/usr/lib/udev/rules.d'],
}

/** A server uses the network as the image is used to: every interface asks for its address unless it has fixed ones. */
export const configureNetwork: Task = {
  name: 'ConfigureNetwork',
  mounted: true,
  async run({ job, properties, root, warn }) {
    const found = await root.existing(...Object.values(MARKS).flat())
    const has = (mark: keyof typeof MARKS) => MARKS[mark].some((path) => found.has(path))
    const nics = job.nics.length > 0 ? job.nics : [ANY_NIC]
    const byCloudInit = has('cloudInit') && properties.flag('CLOUD_INIT')

    if (!byCloudInit && has('networkd')) {
      for (const { name, text } of networkFiles(nics)) await root.write(`/etc/systemd/network/${name}`, text)
    } else if (!byCloudInit && has('ifupdown')) {
      await root.write('/etc/network/interfaces', interfacesFile(nics))
      if (has('udev')) await root.write('/etc/udev/rules.d/70-persistent-net.rules', udevRules(nics))
    } else if (has('cloudInit')) {
      await root.write(`${CLOUD_CONFIG}/91_synnefo_network.cfg`, `${JSON.stringify({ network: cloudInitNetwork(nics) })}\n`)
      return
    } else {
      return warn(
        'The network of the image is set up by something other than ifupdown, systemd-networkd or cloud-init; it was left alone.',
      )
    }
    if (has('cloudInit')) await root.write(`${CLOUD_CONFIG}/91_synnefo_network.cfg`, '{"network": {"config": "disabled"}}\n')
  },
}

/** A server without an interface may be given one later. */
const ANY_NIC: DeployNic = { mac: '', dhcp: true, addresses: [], primary: true }
