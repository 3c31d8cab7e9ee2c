// A process of its own that serves a volume, for tests that kill it: testing-server.ts FOLDER NAME.
// Prints the socket's path, then the facts of the volumes, as a line of JSON, for every line it is sent.
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { openFiles } from '@synnefo/engine-blocks'
import { openVolumes } from './volumes.ts'

const [folder, name] = process.argv.slice(2) as [string, string]
const blocks = await openFiles({ folder: join(folder, 'blocks'), access: 'read' })
const volumes = await openVolumes({ folder: join(folder, 'volumes'), runFolder: join(folder, 'run'), blocks })
console.log(await volumes.serve(name))
for await (const _ of createInterface({ input: process.stdin })) console.log(JSON.stringify(await volumes.list()))
