import { virtualNetworkContract } from '../contract.ts'
import { dataPlaneContract } from './data-plane.contract.ts'
import { openStage } from './testing/stage.ts'

virtualNetworkContract('namespace, as root', async (finished) => {
  const stage = await openStage(finished, { rootless: false })
  return async () => (await stage.openProcess()).network
})

dataPlaneContract('as root', { rootless: false })
