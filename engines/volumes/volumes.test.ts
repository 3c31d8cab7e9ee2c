import { volumesContract } from './contract.ts'
import { openSimulated } from './index.ts'
import { openTestVolumes } from './testing.ts'

volumesContract('on this host', async (finished) => (await openTestVolumes(finished)).volumes)
volumesContract('simulated', async () => openSimulated())
