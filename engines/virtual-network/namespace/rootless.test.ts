import { describe } from 'vitest'
import { virtualNetworkContract } from '../contract.ts'
import { dataPlaneContract } from './data-plane.contract.ts'
import { openStage } from './testing/stage.ts'

describe.skipIf(process.getuid?.() !== 0)('without root', () => {
  virtualNetworkContract('namespace, without root', async (finished) => {
    const stage = await openStage(finished, { rootless: true })
    return async () => (await stage.openProcess()).network
  })

  dataPlaneContract('without root', { rootless: true })
})
