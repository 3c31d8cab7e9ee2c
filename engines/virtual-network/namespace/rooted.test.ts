import { until } from '@synnefo/lib/testing'
import { describe, expect, test } from 'vitest'
import { virtualNetworkContract } from '../contract.ts'
import { portOn, publicNetwork } from '../contract-fixtures.ts'
import { addGuest, dataPlaneContract, openScene } from './data-plane.contract.ts'
import { run } from './programs.ts'
import { HOST_ADDRESS, INTERNET_ADDRESS, openStage } from './testing/stage.ts'
import { works } from './testing/works.ts'

// The tests' hosts are namespaces too, and only root can make them with devices of their own.
describe.skipIf(process.getuid?.() !== 0)('with root', () => {
  virtualNetworkContract('namespace, as root', async (finished) => {
    const stage = await openStage(finished, { rootless: false })
    return async () => (await stage.openProcess()).network
  })

  dataPlaneContract('as root', { rootless: false })

  test('the host reaches guests of public networks, others on its network do not', async ({ onTestFinished }) => {
    const scene = await openScene(onTestFinished, false)
    const guest = await addGuest(scene, publicNetwork, 2)
    await guest.dhcp()
    const ping = (prefix: readonly string[]) =>
      run([...prefix, 'busybox', 'ping', '-c', '2', '-W', '1', '10.77.0.2']).then(
        () => true,
        () => false,
      )
    expect(scene.network.can.hostReachesGuests).toBe(true)
    await works(() => ping(scene.stage.asRoot))
    await run([...scene.stage.onInternet, 'ip', 'route', 'add', '10.77.0.0/24', 'via', HOST_ADDRESS])
    expect(await ping(scene.stage.onInternet)).toBe(false)
  })

  test('a host that reaches a public subnet elsewhere keeps its route', async ({ onTestFinished }) => {
    const stage = await openStage(onTestFinished, { rootless: false })
    await run([...stage.asRoot, 'ip', 'route', 'add', '10.77.0.0/16', 'via', INTERNET_ADDRESS])
    const { network } = await stage.openProcess()
    await network.ensureNetwork(publicNetwork)
    await network.ensurePort(portOn(publicNetwork, 2))
    expect(await run([...stage.asRoot, 'ip', 'route', 'get', '10.77.0.2'])).toContain('eth0')
  })

  test('machines of another user open their taps on a host where only root could', async ({ onTestFinished }) => {
    const stage = await openStage(onTestFinished, { rootless: false, tunMode: '600' })
    const { network } = await stage.openProcess()
    await network.ensureNetwork(publicNetwork)
    const guest = await addGuest({ finished: onTestFinished, stage, network }, publicNetwork, 2)
    expect(await guest.dhcp()).toMatchObject({ ip: '10.77.0.2' })
  })

  test('clouds live side by side, and one that goes takes nothing from the other', async ({ onTestFinished }) => {
    const first = await openScene(onTestFinished, false)
    const { stage } = first
    const network = (await stage.openProcess({ folder: '/run/cloud/second' })).network
    await network.ensureNetwork(publicNetwork) // the same addresses
    const second = { ...first, network }
    const guest = await addGuest(second, publicNetwork, 2)
    await guest.dhcp()
    expect(network.enter()).not.toEqual(first.network.enter())
    await first.network.destroy()
    await works(() => guest.pings(INTERNET_ADDRESS))
    expect(await network.list()).toEqual({ networks: ['snf-net-1'], ports: ['snf-nic-2'] })
    await network.destroy()
    expect(await run([...stage.asRoot, 'cat', '/proc/sys/net/ipv4/conf/eth0/forwarding'])).toBe('0\n')
  })

  test('guests get out again when somebody turned forwarding off', async ({ onTestFinished }) => {
    const scene = await openScene(onTestFinished, false)
    const guest = await addGuest(scene, publicNetwork, 2)
    await guest.dhcp()
    await run([...scene.stage.asRoot, 'sh', '-c', 'echo 0 > /proc/sys/net/ipv4/ip_forward'])
    await until(() => guest.pings(INTERNET_ADDRESS))
  })
})
