import { benchObjectStore } from '@synnefo/object-store/bench'
import type { Figure } from './measure-up.ts'
import { withTemporaryCloud } from './temporary-cloud.ts'

export async function measureObject(tell: (line: string) => void): Promise<Figure[]> {
  return withTemporaryCloud(async (cloud) => {
    tell('starting a cloud')
    await cloud.synnefo('up', '--port', '0')
    const { url, token, account } = await cloud.signIn()
    tell('measuring')
    return benchObjectStore({ url: `${url}/pithos/object-store/v1`, token, account })
  })
}
