import { virtualNetworkContract } from './contract.ts'
import { openSimulated } from './index.ts'
import { EMPTY_PLAN } from './plan.ts'

virtualNetworkContract('simulated', async () => {
  const host = { plan: EMPTY_PLAN }
  return async () => openSimulated(host)
})
