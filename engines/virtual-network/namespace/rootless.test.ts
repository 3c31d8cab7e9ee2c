import { until } from '@synnefo/lib/testing'
import { describe, expect, test } from 'vitest'
import { virtualNetworkContract } from '../contract.ts'
import { portOn, publicNetwork } from '../contract-fixtures.ts'
import { addGuest, dataPlaneContract, openScene, pidsOf } from './data-plane.contract.ts'
import { run } from './programs.ts'
import { INTERNET_ADDRESS, openStage, type Stage } from './testing/stage.ts'
import { works } from './testing/works.ts'

describe.skipIf(process.getuid?.() !== 0)('without root', () => {
  virtualNetworkContract('namespace, without root', async (finished) => {
    const stage = await openStage(finished, { rootless: true })
    return async () => (await stage.openProcess()).network
  })

  dataPlaneContract('without root', { rootless: true })

  test('guests go on when the process that keeps the namespace is killed, and it finds another', async ({ onTestFinished }) => {
    const scene = await openScene(onTestFinished, true)
    const guest = await addGuest(scene, publicNetwork, 2)
    await guest.dhcp()
    const keeper = await keeperOf(scene.stage)
    await run([...scene.stage.asRoot, 'kill', '-9', keeper])
    await until(async () => (await keeperOf(scene.stage)) !== keeper)
    await scene.network.ensurePort(portOn(publicNetwork, 3)) // and it can be changed
    await works(() => guest.pings('10.77.0.1'))
    await works(() => guest.pings(INTERNET_ADDRESS))
  })

  test('the way out is made again when it was killed', async ({ onTestFinished }) => {
    const scene = await openScene(onTestFinished, true)
    const guest = await addGuest(scene, publicNetwork, 2)
    await guest.dhcp()
    const [pasta = ''] = await pidsOf(scene.stage, 'pasta.pid')
    await run([...scene.stage.asRoot, 'kill', '-9', pasta])
    await until(() => guest.pings(INTERNET_ADDRESS))
  })

  test('a machine has no power over the data plane it is in', async ({ onTestFinished }) => {
    const { stage, network } = await openScene(onTestFinished, true)
    const inMachine = [...stage.asUser, ...network.enter()]
    await expect(run([...inMachine, 'ip', 'link', 'set', 'dev', 'snf-net-1', 'down'])).rejects.toThrow('not permitted')
    await expect(run([...inMachine, 'nft', 'flush', 'ruleset'])).rejects.toThrow('not permitted')
  })

  test('a host without a way out still has networks', async ({ onTestFinished }) => {
    const stage = await openStage(onTestFinished, { rootless: true })
    await run([...stage.asRoot, 'ip', 'route', 'del', 'default'])
    const { network } = await stage.openProcess()
    await network.ensureNetwork(publicNetwork)
    const scene = { finished: onTestFinished, stage, network }
    const guest = await addGuest(scene, publicNetwork, 2)
    expect(await guest.dhcp()).toMatchObject({ ip: '10.77.0.2' })
    await works(() => guest.pings('10.77.0.1'))
    await run([...stage.asRoot, 'ip', 'route', 'add', 'default', 'via', INTERNET_ADDRESS])
    await until(() => guest.pings(INTERNET_ADDRESS))
  })

  test('what the host does not allow is said with its remedy', async ({ onTestFinished }) => {
    const closed = await openStage(onTestFinished, { rootless: true, tunMode: '600' })
    const remedy = (words: string) => ({ name: 'HostNotReady', message: expect.stringContaining(words) })
    await expect(closed.openProcess()).rejects.toMatchObject(remedy('chmod 0666 /dev/net/tun'))
  })
})

async function keeperOf({ asRoot, folder }: Stage): Promise<string> {
  return String(JSON.parse(await run([...asRoot, 'cat', `${folder}/network/rootless.json`])).keeper)
}
