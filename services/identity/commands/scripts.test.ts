// snf-service-export and snf-component-register, as installation guides use them.
import { openTestDatabase } from '@synnefo/lib/testing'
import { expect, type onTestFinished, test } from 'vitest'
import { migrations } from '../index.ts'
import { authenticateComponent } from '../registry/component-tokens.ts'
import { openTestIdentity } from '../testing.ts'
import { commandLine } from './testing.ts'

async function openCloud(finished: typeof onTestFinished) {
  const db = await openTestDatabase(finished, [migrations])
  const identity = await openTestIdentity(finished, db)
  const manage = commandLine(identity)
  const urlOf = async (type: string) =>
    (await identity.catalog.list()).find((entry) => entry.type === type)!.endpoints[0]!['publicURL']
  return { identity, manage, urlOf }
}

test('definitions are exported with the addresses of their base', async ({ onTestFinished }) => {
  const { manage } = await openCloud(onTestFinished)
  const everything: Record<string, unknown> = {}
  for (const name of ['astakos', 'cyclades', 'pithos']) {
    const { status, out, err } = await manage(`snf-service-export ${name} https://node.example.test/${name}/`)
    expect({ status, err }).toEqual({ status: 0, err: '' })
    expect(out.startsWith('{\n    "')).toBe(true)
    Object.assign(everything, JSON.parse(out))
  }
  expect(everything).toMatchSnapshot()
  expect(await manage('snf-service-export radio https://node.example.test')).toMatchObject({
    status: 1,
    out: '',
    err: expect.stringContaining("Component 'radio' is not recognized"),
  })
  for (const line of ['', 'astakos', 'astakos https://a.test more'])
    expect(await manage(`snf-service-export ${line}`)).toMatchObject({ status: 2, err: expect.stringContaining('usage: ') })
})

test('components are registered by answers, each when it is agreed to', async ({ onTestFinished }) => {
  const { identity, manage, urlOf } = await openCloud(onTestFinished)
  await manage('component-remove pithos -f')
  // astakos: no. cyclades: yes, elsewhere, its pages as suggested, yes. pithos: yes, a typing mistake first, yes, noted.
  const typed = [
    'n',
    'y',
    'https://m.test/cyclades',
    '',
    'y',
    'y',
    'nonsense',
    'https://f.test/pithos',
    'https://f.test/files',
    'y',
    '',
  ]
  const { status, out, err } = await manage('snf-component-register', `${typed.join('\n')}\n`)
  expect(status).toBe(0)
  expect(err).toContain("Component 'astakos' is registered. Register it again? [Y/N] ")
  expect(err).toContain('UI URL of cyclades [https://m.test/cyclades/ui]: ')
  expect(err).toContain("Register component 'pithos'? [Y/N] ")
  expect(err).toContain("'nonsense' is no address")
  expect(err).toContain('resource-modify --system-default-interactive')
  const token = /^Token of pithos: (\S+)\n$/.exec(out)![1]!
  expect((await authenticateComponent(identity, token)).name).toBe('pithos')
  expect(await urlOf('account')).toBe('http://cloud.test/astakos/account/v1.0')
  expect(await urlOf('compute')).toBe('https://m.test/cyclades/compute/v2.0')
  expect(await urlOf('image')).toBe('https://m.test/cyclades/image')
  expect(await urlOf('object-store')).toBe('https://f.test/pithos/object-store/v1')
  expect((await manage('component-list --output-format csv --no-headers -o name,ui_url --filter-by name=pithos')).out).toBe(
    'pithos,https://f.test/files\n',
  )
})

test('one component is registered without a question', async ({ onTestFinished }) => {
  const { manage, urlOf } = await openCloud(onTestFinished)
  const before = (await manage('component-list --no-headers -o token --filter-by name=cyclades')).out
  const flags = '--yes --base-url https://m.test/c --ui-url https://m.test/u'
  expect(await manage(`snf-component-register cyclades ${flags}`)).toMatchObject({ status: 0, out: '' })
  expect(await urlOf('volume')).toBe('https://m.test/c/volume')
  expect((await manage('component-list --no-headers -o token --filter-by name=cyclades')).out).toBe(before)
  // Back to where this cloud is, wherever that will be.
  await manage('snf-component-register cyclades -y --base-url http://cloud.test/cyclades')
  expect((await manage('component-show cyclades')).out).toContain('http://cloud.test/cyclades/ui')
  expect((await manage('snf-component-register --yes')).status).toBe(0)
  expect(await urlOf('volume')).toBe('http://cloud.test/cyclades/volume')
})

test('what makes no sense is refused', async ({ onTestFinished }) => {
  const { manage } = await openCloud(onTestFinished)
  expect((await manage('snf-component-register radio')).err).toMatch(/^CommandError: Component 'radio' is not recognized/)
  expect((await manage('snf-component-register --yes --base-url https://m.test')).err).toMatch(
    /^CommandError: Please name the component/,
  )
})
