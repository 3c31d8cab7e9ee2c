// A cloud of somebody who is not root: the machine, its way out and its consoles work.
import { expect, test } from 'vitest'
import { startCloud } from './cloud.ts'
import { logIn } from './dialogue.ts'
import { consoleUrl, startServer } from './servers.ts'
import { lookAtScreen, openSerialLine } from './sockets.ts'
import { stopwatch } from './stopwatch.ts'

/** nobody: a user that every host has. */
const NOBODY = { uid: 65_534, gid: 65_534 }

test.skipIf(process.getuid!() !== 0)('somebody else than root has a whole cloud too', { timeout: 900_000 }, async (context) => {
  const { onTestFinished } = context
  const measure = stopwatch(onTestFinished)
  const cloud = await measure('up', () => startCloud(onTestFinished, NOBODY))
  const server = await measure('a server is made', () => startServer(cloud))
  const screen = await measure('look at the screen', async () =>
    lookAtScreen(await consoleUrl(cloud, server, 'vnc'), onTestFinished),
  )
  expect(screen.colours).toBeGreaterThan(1)
  await measure('log in and reach out', async () => {
    const guest = await logIn(
      await openSerialLine(await consoleUrl(cloud, server, 'serial'), onTestFinished),
      'root',
      server.password,
    )
    await guest.run('until ip -4 route | grep -q default; do sleep 0.2; done')
    await guest.run(`ping -c 1 -W 10 ${cloud.gateway}`)
  })
})
