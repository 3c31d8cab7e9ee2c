import { flavorCreate, flavorList } from './flavors.ts'
import { reconcileServers } from './reconcile-servers.ts'
import { serverList } from './server-list.ts'
import { serverShow } from './server-show.ts'

export const computeCommands = [flavorCreate, flavorList, reconcileServers, serverList, serverShow]
