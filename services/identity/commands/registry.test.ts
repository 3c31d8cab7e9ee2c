// What operators see of the registry, and what registering refuses. The output of these commands is read by scripts:
// it is compared with what is written here, in all its forms.

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from '@synnefo/lib/sql'
import { openTestDatabase, temporaryFolder } from '@synnefo/lib/testing'
import { expect, type onTestFinished, test } from 'vitest'
import { migrations } from '../index.ts'
import { authenticateComponent } from '../registry/component-tokens.ts'
import { exportDocument } from '../registry/document.ts'
import { registerCatalog } from '../registry/register.ts'
import { createTestUser, openTestIdentity } from '../testing.ts'
import { commandLine } from './testing.ts'

async function openCloud(finished: typeof onTestFinished) {
  const db = await openTestDatabase(finished, [migrations])
  const identity = await openTestIdentity(finished, db)
  const manage = commandLine(identity)
  const importing = (document: unknown) => manage('service-import --json -', JSON.stringify(document))
  return { db, identity, manage, importing }
}

const done = (text: string) => ({ status: 0, out: '', err: text })
const refused = (message: string) => ({ status: 1, out: '', err: `CommandError: ${message}\n` })

const radio = (changes: object = {}) => ({
  radio_waves: {
    type: 'waves',
    component: 'radio',
    prefix: 'waves',
    public: true,
    endpoints: [
      { versionId: 'v1', publicURL: null },
      { versionId: 'v2', publicURL: null, 'SNF:exposeVersion': false },
    ],
    resources: {
      hours: { name: 'radio.hours', desc: 'Hours on air', service_type: 'waves', service_origin: 'radio_waves' },
      tape: {
        name: 'radio.tape',
        desc: 'Tape',
        unit: 'bytes',
        service_type: 'waves',
        service_origin: 'radio_waves',
        ui_visible: false,
        api_visible: false,
      },
    },
    ...changes,
  },
})

test('a component is registered, shows its token, moves, gets another token and goes', async ({ onTestFinished }) => {
  const { identity, manage } = await openCloud(onTestFinished)
  const added = await manage('component-add radio --base-url https://radio.test/ --ui-url https://radio.test/listen')
  expect(added).toEqual({ status: 0, out: expect.stringMatching(/^Token: [\w-]{43}\n$/), err: '' })
  const first = added.out.trim().slice('Token: '.length)
  expect((await authenticateComponent(identity, first)).name).toBe('radio')
  expect(await manage('component-add radio')).toEqual(refused("A component named 'radio' already exists."))
  expect((await manage("component-add 'my radio'")).status).toBe(1)
  expect((await manage('component-add other --base-url radio.test')).err).toContain("'radio.test' is no address")

  const renewed = await manage('component-modify radio --renew-token')
  expect(renewed.err).toBe("Component 'radio' is modified.\n")
  const second = /^Component's new token: (\S{43})\n$/.exec(renewed.out)![1]!
  await expect(authenticateComponent(identity, first)).rejects.toThrow('Invalid X-Auth-Token')
  expect((await authenticateComponent(identity, second)).name).toBe('radio')
  const chosen = 'a-token-of-the-operators-choice'
  expect(await manage(`component-modify radio --auth-token ${chosen}`)).toEqual(done("Component 'radio' is modified.\n"))
  expect((await authenticateComponent(identity, chosen)).name).toBe('radio')
  expect(await manage(`component-modify pithos --auth-token ${chosen}`)).toEqual(refused('Another component has this token'))
  expect((await manage('component-modify radio --auth-token short')).status).toBe(1)
  expect((await manage('component-modify radio')).err).toMatch(/^CommandError: Nothing to change/)

  expect((await manage('component-modify radio --base-url https://other.test --ui-url ')).status).toBe(2)
  expect((await manage("component-modify radio --base-url https://other.test --ui-url ''")).status).toBe(0)
  expect((await manage('component-list -o name,base_url,ui_url --filter-by name=radio --output-format csv')).out).toBe(
    'name,base_url,ui_url\nradio,https://other.test,None\n',
  )
  expect(await manage('component-remove radio', 'n\n')).toEqual({
    status: 1,
    out: '',
    err: "Are you sure you want to remove component 'radio' and its services? [Y/N] Aborted.\n",
  })
  expect(await manage('component-remove radio -f')).toEqual(done("Component 'radio' removed.\n"))
  await expect(authenticateComponent(identity, chosen)).rejects.toThrow('Invalid X-Auth-Token')
  expect(await manage('component-show radio')).toEqual(refused("There is no component with id or name 'radio'"))
})

test('an expired token of a component is refused until it is renewed', async ({ onTestFinished }) => {
  const { db, identity, manage } = await openCloud(onTestFinished)
  const token = (await manage('component-add radio')).out.trim().slice('Token: '.length)
  await db.run(sql`UPDATE identity.components SET token_expires_at = now() - interval '1 second' WHERE name = 'radio'`)
  identity.components.forget()
  await expect(authenticateComponent(identity, token)).rejects.toThrow('Authentication expired')
  const { out } = await manage('component-modify radio --renew-token')
  expect((await authenticateComponent(identity, /token: (\S+)/.exec(out)![1]!)).name).toBe('radio')
})

test('services and resources come from a document, and again without touching limits and flags', async ({ onTestFinished }) => {
  const { identity, manage, importing } = await openCloud(onTestFinished)
  const alice = await createTestUser(identity)
  await manage('component-add radio --base-url https://radio.test/radio')
  expect(await importing(radio())).toEqual(
    done(
      `Added service radio_waves.
Resource 'radio.hours' created in database with unlimited quota.
Resource 'radio.tape' created in database with unlimited quota.
`,
    ),
  )
  const entry = (await identity.catalog.list()).find(({ name }) => name === 'radio_waves')
  expect(entry).toMatchObject({
    type: 'waves',
    endpoints: [
      { versionId: 'v1', publicURL: 'https://radio.test/radio/waves/v1', region: 'default', 'SNF:uiURL': null },
      { versionId: 'v2', publicURL: 'https://radio.test/radio/waves', 'SNF:exposeVersion': 'False' },
    ],
  })
  const rows = async () => JSON.parse((await manage('resource-list --output-format json --filter-by name__startswith=radio')).out)
  expect(await rows()).toMatchObject([
    { name: 'radio.hours', system_default: 'inf', project_default: '0', api_visible: 'True', ui_visible: 'True' },
    { name: 'radio.tape', system_default: 'inf', project_default: 'inf', api_visible: 'False', ui_visible: 'False' },
  ])
  // Projects that were there before are limited too.
  expect((await manage(`user-show ${alice.uuid} --quota`)).out).toMatch(/radio\.hours\s+inf\s+0/)

  await manage('resource-modify radio.hours --system-default 7 --ui-visible no')
  const again = radio({ type: 'radio' })
  again.radio_waves.resources.hours.desc = 'Hours'
  expect(await importing(again)).toEqual(
    done(
      `Updated service radio_waves.
Resource 'radio.hours' updated in database.
Resource 'radio.tape' updated in database.
`,
    ),
  )
  expect((await rows())[0]).toMatchObject({ system_default: '7', api_visible: 'True', ui_visible: 'False' })
  expect((await manage('resource-list -o description --filter-by name=radio.hours --no-headers')).out).toBe('Hours\n')
  expect((await manage('service-list --filter-by name=radio_waves --output-format csv -o type,component')).out).toBe(
    'type,component\nradio,radio\n',
  )
})

const REFUSED: [string, unknown, string | RegExp][] = [
  ['no dict', [], 'The service definitions should be a JSON dict'],
  ['an unknown component', radio({ component: 'tv' }), "Component 'tv' of service 'radio_waves' is not registered"],
  ['no type', radio({ type: 7 }), "Malformed definition of service 'radio_waves': type is missing"],
  ['endpoints that are no list', radio({ endpoints: {} }), /Malformed .*: endpoints should be a list/],
  ['an endpoint without a version', radio({ endpoints: [{}] }), /versionId of an endpoint is missing/],
  ['an address that is none', radio({ endpoints: [{ versionId: '', publicURL: 'javascript:x' }] }), /is no address/],
  ['an endpoint with a list', radio({ endpoints: [{ versionId: 'v1', tags: [] }] }), /tags of an endpoint should be a text/],
  ['resources that are no dict', radio({ resources: [] }), /resources should be a dict/],
  ['a resource without a name', radio({ resources: { a: {} } }), /name is missing/],
  [
    'a resource of another service',
    radio({ resources: { a: { name: 'radio.a', service_type: 'waves', service_origin: 'astakos_account' } } }),
    "service_origin mismatch: resource 'radio.a' of service 'radio_waves' says 'astakos_account'",
  ],
  [
    'a resource for pages only',
    radio({ resources: { a: { name: 'radio.a', service_type: 'w', service_origin: 'radio_waves', api_visible: false } } }),
    "Resource 'radio.a' is visible on pages, so it must be visible in the API",
  ],
  [
    'a resource of another component',
    radio({ resources: { a: { name: 'cyclades.vm', service_type: 'w', service_origin: 'radio_waves' } } }),
    "Resource 'cyclades.vm' belongs to component 'cyclades'",
  ],
  [
    'a service of another component',
    { 'pithos_object-store': { ...radio().radio_waves, resources: {} } },
    "Service 'pithos_object-store' belongs to component 'pithos'",
  ],
]

test('a document that is refused registers nothing', async ({ onTestFinished }) => {
  const { db, manage, importing } = await openCloud(onTestFinished)
  await manage('component-add radio --base-url https://radio.test')
  const good = { radio_first: { ...radio().radio_waves, resources: {} } }
  for (const [what, document, message] of REFUSED) {
    const { status, err } = await importing(Array.isArray(document) ? document : { ...good, ...(document as object) })
    expect([what, status]).toEqual([what, 1])
    expect(err).toMatch(typeof message === 'string' ? `CommandError: ${message}\n` : message)
    expect(await db.any(sql`SELECT name FROM identity.services WHERE name LIKE 'radio%'`)).toEqual([])
  }
})

test('definitions are read from a file, and an address elsewhere is pointed out', async ({ onTestFinished }) => {
  const { manage } = await openCloud(onTestFinished)
  const folder = await temporaryFolder(onTestFinished)
  await manage('component-add radio --base-url https://radio.test')
  const elsewhere = radio({ endpoints: [{ versionId: 'v1', publicURL: 'https://radio.test.evil/v1/' }], resources: {} })
  await writeFile(join(folder, 'radio.json'), JSON.stringify(elsewhere))
  expect(await manage(`service-import --json ${join(folder, 'radio.json')}`)).toEqual(
    done(`Warning: Endpoint https://radio.test.evil/v1 of service radio_waves is not below the component's base URL https://radio.test
Added service radio_waves.
`),
  )
  await writeFile(join(folder, 'bad.json'), '{')
  expect((await manage(`service-import --json ${join(folder, 'bad.json')}`)).err).toMatch(/not valid JSON/)
  expect((await manage(`service-import --json ${join(folder, 'none.json')}`)).err).toMatch(/cannot be read/)
  expect((await manage('service-import')).err).toMatch(/--json FILE/)
})

test('what a standard component exports imports as what is there already', async ({ onTestFinished }) => {
  const { identity, manage, importing } = await openCloud(onTestFinished)
  const before = await identity.catalog.list()
  for (const name of ['astakos', 'cyclades', 'pithos']) {
    const document = exportDocument(name, `http://cloud.test/${name}`)
    expect((await importing(document)).err).not.toMatch(/created|Added|Warning/)
  }
  expect(await identity.catalog.list()).toEqual(before)
  const exported = await manage('service-export-astakos')
  expect(JSON.parse(exported.out)).toEqual(exportDocument('astakos', 'http://cloud.test/astakos'))
  expect(exported.out).toMatchSnapshot()
})

test('what an operator took away or registered otherwise stays so at the next start', async ({ onTestFinished }) => {
  const { db, identity, manage, importing } = await openCloud(onTestFinished)
  const services = async () => (await manage('service-list --no-headers -o name --output-format csv')).out.trim().split('\n')
  expect(await services()).toHaveLength(13)
  await manage('component-remove pithos -f')
  await manage('component-modify cyclades --purge-services')
  await manage('component-modify astakos --base-url https://accounts.test/identity')
  await registerCatalog(identity)
  expect(await services()).toHaveLength(4)
  expect((await identity.catalog.list()).map(({ endpoints }) => endpoints[0]!['publicURL'])).toEqual([
    'https://accounts.test/identity/account/v1.0',
    'https://accounts.test/identity/identity/v2.0',
    'https://accounts.test/identity/weblogin',
    'https://accounts.test/identity/oauth2',
  ])
  const elsewhere = exportDocument('cyclades', 'https://machines.test/cyclades')
  expect((await importing(elsewhere)).status).toBe(0)
  await registerCatalog(identity)
  const compute = (await identity.catalog.list()).find(({ type }) => type === 'compute')
  expect(compute!.endpoints[0]!['publicURL']).toBe('https://machines.test/cyclades/compute/v2.0')
  await manage('component-add pithos')
  await importing(exportDocument('pithos', 'http://cloud.test/pithos'))
  await registerCatalog(identity)
  expect(await services()).toHaveLength(11)
  await manage("component-modify astakos --base-url ''")
  expect((await identity.catalog.list())[0]!.endpoints[0]!['publicURL']).toBe('http://cloud.test/astakos/account/v1.0')
  // A start that finds everything as it should be writes nothing.
  const { lsn } = await db.one<{ lsn: string }>(sql`SELECT max(xmin::text::bigint)::text AS lsn FROM identity.services`)
  await registerCatalog(identity)
  expect(await db.one(sql`SELECT max(xmin::text::bigint)::text AS lsn FROM identity.services`)).toEqual({ lsn })
})

test('a registration is seen at once in every process', async ({ onTestFinished }) => {
  const { db, identity, manage, importing } = await openCloud(onTestFinished)
  const other = await openTestIdentity(onTestFinished, db)
  for (const process of [identity, other]) {
    expect(await process.catalog.list()).toHaveLength(13)
    expect(await process.resources.get()).toHaveLength(10)
  }
  await manage('component-add radio --base-url https://radio.test')
  await importing(radio())
  expect(await identity.catalog.list()).toHaveLength(14)
  await expect.poll(async () => (await other.catalog.list()).length).toBe(14)
  await expect.poll(async () => (await other.resources.get()).length).toBe(12)
  await manage('resource-modify radio.hours --api-visible no')
  const visible = async () => (await other.resources.get()).find(({ name }) => name === 'radio.hours')!.apiVisible
  await expect.poll(visible).toBe(false)
  await manage('component-remove radio -f')
  await expect.poll(async () => (await other.catalog.list()).length).toBe(13)
})

/** Commands whose output scripts read, on a registry that is the same each time. */
const SHOWN = [
  'component-list',
  'component-list -o id,name,ui_url',
  'component-show astakos',
  'component-show 3',
  'service-list',
  'service-show cyclades_plankton',
  'service-show 3',
  'resource-list',
  'resource-list --unit-style auto -o name,system_default,service_type,service_origin,unit,description',
  'component-list --list-fields',
  'service-list --list-filters',
]

test('lists and records are written as scripts read them, in every form', async ({ onTestFinished }) => {
  const { manage } = await openCloud(onTestFinished)
  const steady = (text: string) =>
    text.replace(/(?<![\w-])(?=-*\w)[\w-]{43}(?![\w-])/g, 'TOKEN').replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'DATE')
  for (const line of SHOWN) {
    for (const format of ['pretty', 'csv', 'json']) {
      const { status, out, err } = await manage(`${line} --output-format ${format}`)
      expect({ status, err }).toEqual({ status: 0, err: '' })
      expect(steady(out)).toMatchSnapshot(`${line}, ${format}`)
    }
  }
})
