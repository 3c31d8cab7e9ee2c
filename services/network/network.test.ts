import { migrations as identityMigrations } from '@synnefo/identity'
import { createTestUser, openTestIdentity } from '@synnefo/identity/testing'
import { openHttp } from '@synnefo/lib/http'
import { silentLog } from '@synnefo/lib/log'
import { type Db, sql } from '@synnefo/lib/sql'
import { type OnTestFinished, openTestDatabase } from '@synnefo/lib/testing'
import { expect, test } from 'vitest'
import {
  createServerPorts,
  migrations,
  nicSpecsOfServer,
  portsOfServers,
  releaseServerPorts,
  seedNetwork,
  settleServerPorts,
} from './index.ts'
import { networkRoutes } from './routes/index.ts'
import { usableAddresses } from './seed.ts'
import { randomMac } from './server-ports.ts'
import { insertNetwork } from './store/networks.ts'
import { insertSubnet } from './store/subnets.ts'

async function openTestNetwork(onTestFinished: OnTestFinished, cidr = '10.220.0.0/29') {
  const db = await openTestDatabase(onTestFinished, [identityMigrations, migrations])
  const identity = await openTestIdentity(onTestFinished, db)
  await db.transaction((tx) => seedNetwork(tx, { DEFAULT_MAC_PREFIX: 'aa:00:0', PUBLIC_NETWORK_CIDR: cidr }))
  const app = openHttp({ log: silentLog })
  await app.register(networkRoutes, {
    prefix: '/network',
    network: { db, identity, pollLimitSeconds: 3600, baseUrl: () => 'http://cloud.test' },
  })
  onTestFinished(() => app.close())
  const alice = await createTestUser(identity)
  const bob = await createTestUser(identity)
  const get = (url: string, token = alice.token) => app.inject({ url: `/network/v2.0${url}`, headers: { 'x-auth-token': token } })
  const connect = (serverId: bigint, viewer = alice.caller, requests?: Parameters<typeof createServerPorts>[1]['requests']) =>
    db.transaction((tx) => createServerPorts(tx, { viewer, serverId, requests, maximum: 8 }))
  const addressOf = async (serverId: bigint) => (await portsOfServers(db, [serverId])).map(({ ips }) => ips[0]?.address)
  return { db, app, alice, bob, get, connect, addressOf }
}

test('a new server gets the lowest free address without asking, and gives it back', async ({ onTestFinished }) => {
  const { db, connect, addressOf } = await openTestNetwork(onTestFinished)
  for (const id of [1n, 2n, 3n]) await connect(id)
  expect(await Promise.all([1n, 2n, 3n].map(addressOf))).toEqual([['10.220.0.2'], ['10.220.0.3'], ['10.220.0.4']])
  await db.transaction((tx) => releaseServerPorts(tx, 2n))
  await connect(4n)
  expect(await addressOf(4n)).toEqual(['10.220.0.3'])
  await connect(5n)
  await connect(6n)
  await expect(connect(7n)).rejects.toMatchObject({ kind: 'conflict', message: expect.stringContaining('no free addresses') })
})

test('servers made at once never share an address or a hardware address', async ({ onTestFinished }) => {
  const { db, connect } = await openTestNetwork(onTestFinished, '10.220.0.0/24')
  const ids = Array.from({ length: 40 }, (_, at) => BigInt(at + 1))
  await Promise.all(ids.map((id) => connect(id)))
  const ports = await portsOfServers(db, ids)
  expect(new Set(ports.map(({ ips }) => ips[0]!.address)).size).toBe(40)
  expect(new Set(ports.map(({ mac }) => mac)).size).toBe(40)
})

/** Answers once `count` connections wait for a lock that another transaction holds. */
async function lockWaiters(db: Db, count: number): Promise<void> {
  const waiting = sql`SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
  while ((await db.any(waiting)).length < count) await new Promise(setImmediate)
}

test('an address that is given back while another is taken is not forgotten', async ({ onTestFinished }) => {
  const { db, connect, addressOf } = await openTestNetwork(onTestFinished)
  for (const id of [1n, 2n]) await connect(id)
  const third = await db.transaction(async (tx) => {
    await releaseServerPorts(tx, 1n)
    const connecting = connect(3n)
    await lockWaiters(db, 1)
    return { connecting }
  })
  await third.connecting
  for (const id of [4n, 5n, 6n]) await connect(id)
  expect((await Promise.all([2n, 3n, 4n, 5n, 6n].map(addressOf))).flat().sort()).toEqual(
    ['2', '3', '4', '5', '6'].map((last) => `10.220.0.${last}`),
  )
})

test('who takes the next address and who chooses that very one do not get in each other’s way', async ({ onTestFinished }) => {
  const { db, connect, alice, addressOf } = await openTestNetwork(onTestFinished)
  const second = await db.transaction(async (tx) => {
    const requests = [{ uuid: '1', fixed_ip: '10.220.0.2' }]
    await createServerPorts(tx, { viewer: alice.caller, serverId: 1n, requests, maximum: 8 })
    const connecting = connect(2n)
    await lockWaiters(db, 1)
    return { connecting }
  })
  await second.connecting
  expect(await Promise.all([1n, 2n].map(addressOf))).toEqual([['10.220.0.2'], ['10.220.0.3']])
})

test('servers that come and go at once leave every address to be had', async ({ onTestFinished }) => {
  const { db, connect, alice } = await openTestNetwork(onTestFinished, '10.220.0.0/28')
  const lane = async (lane: number) => {
    for (let round = 0; round < 12; round += 1) {
      const id = BigInt(lane * 100 + round)
      const requests = round % 3 === 0 ? [{ uuid: '1', fixed_ip: `10.220.0.${2 + ((lane + round) % 13)}` }] : undefined
      await connect(id, alice.caller, requests).catch((error) => expect(error).toMatchObject({ kind: 'conflict' }))
      if (round % 4 !== 3) await db.transaction((tx) => releaseServerPorts(tx, id))
    }
    for (let round = 3; round < 12; round += 4) await db.transaction((tx) => releaseServerPorts(tx, BigInt(lane * 100 + round)))
  }
  await Promise.all([1, 2, 3, 4].map(lane))
  for (let id = 1000n; id < 1013n; id += 1n) await connect(id)
  await expect(connect(2000n)).rejects.toMatchObject({ kind: 'conflict' })
})

test('an address can be chosen, and is refused when it is taken or not one to choose', async ({ onTestFinished }) => {
  const { connect, addressOf, alice } = await openTestNetwork(onTestFinished)
  const wish = (fixed_ip: string) => [{ uuid: '1', fixed_ip }]
  await connect(1n, alice.caller, wish('10.220.0.5'))
  expect(await addressOf(1n)).toEqual(['10.220.0.5'])
  await expect(connect(2n, alice.caller, wish('10.220.0.5'))).rejects.toMatchObject({ kind: 'conflict' })
  for (const bad of ['10.220.0.1', '10.220.0.7', '10.9.9.9', 'x', '300.1.1.1']) {
    await expect(connect(2n, alice.caller, wish(bad))).rejects.toMatchObject({ kind: 'badRequest' })
  }
  await expect(connect(2n, alice.caller, [{ uuid: '77' }])).rejects.toMatchObject({ kind: 'itemNotFound' })
})

test('who had a public address when is kept', async ({ onTestFinished }) => {
  const { db, connect, alice } = await openTestNetwork(onTestFinished)
  await connect(1n)
  await db.transaction((tx) => releaseServerPorts(tx, 1n))
  const history = await db.any(
    sql`SELECT host(address) AS address, server_id AS server, user_id AS "user", action FROM network.address_history ORDER BY id`,
  )
  expect(history).toEqual(
    ['associate', 'disassociate'].map((action) => ({ address: '10.220.0.2', server: 1n, user: alice.uuid, action })),
  )
})

test('a backend is told the network, the address and the hardware address', async ({ onTestFinished }) => {
  const { db, connect } = await openTestNetwork(onTestFinished)
  await connect(7n)
  const [port] = await portsOfServers(db, [7n])
  expect(await nicSpecsOfServer(db, 7n, 'snf-')).toEqual([
    {
      name: `snf-nic-${port!.id}`,
      network: 'snf-net-1',
      mac: port!.mac,
      addresses: ['10.220.0.2'],
      hostname: 'snf-7',
      firewall: 'DISABLED',
      networkSpec: {
        name: 'snf-net-1',
        public: true,
        subnets: [{ version: 4, cidr: '10.220.0.0/29', gateway: '10.220.0.1', dhcp: true, nameservers: [], hostRoutes: [] }],
      },
    },
  ])
})

test('the API shows networks, subnets and ports, each person his own', async ({ onTestFinished }) => {
  const { db, connect, get, bob } = await openTestNetwork(onTestFinished)
  await connect(1n)
  await db.transaction((tx) => settleServerPorts(tx, 1n, 'ACTIVE'))
  expect((await get('/networks')).json().networks).toMatchObject([
    { id: '1', status: 'ACTIVE', public: true, 'router:external': true, subnets: ['1'] },
  ])
  expect((await get('/subnets/1')).json().subnet).toMatchObject({
    network_id: '1',
    cidr: '10.220.0.0/29',
    gateway_ip: '10.220.0.1',
    allocation_pools: [{ start: '10.220.0.2', end: '10.220.0.6' }],
  })
  const [port] = (await get('/ports')).json().ports
  expect(port).toMatchObject({
    device_id: '1',
    status: 'ACTIVE',
    fixed_ips: [{ ip_address: '10.220.0.2', subnet: '1', subnet_id: '1' }],
  })
  expect((await get('/ports', bob.token)).json()).toEqual({ ports: [] })
  expect((await get(`/ports/${port.id}`, bob.token)).statusCode).toBe(404)
})

test('a private network is its owner’s, and a project’s once it is shared', async ({ onTestFinished }) => {
  const { db, get, connect, alice, bob } = await openTestNetwork(onTestFinished)
  const carol = { ...bob.caller, projects: [...bob.caller.projects, alice.uuid] }
  const id = await db.transaction(async (tx) => {
    const rest = {
      flavor: 'MAC_FILTERED',
      macPrefix: 'aa:00:1',
      public: false,
      floatingIpPool: false,
      defaultForServers: false,
    } as const
    const networkId = await insertNetwork(tx, { name: 'backstage', userId: alice.uuid, project: alice.uuid, ...rest })
    const pool = { poolFirst: '10.0.1.2', poolLast: '10.0.1.14' }
    await insertSubnet(tx, { networkId, version: 4, cidr: '10.0.1.0/28', gateway: null, nameservers: [], ...pool })
    return networkId
  })
  await connect(1n, alice.caller, [{ uuid: String(id) }])
  const [port] = await portsOfServers(db, [1n])
  const places = [`/networks/${id}`, `/subnets/${(await get(`/networks/${id}`)).json().network.subnets[0]}`, `/ports/${port!.id}`]
  for (const place of places) {
    expect((await get(place)).statusCode).toBe(200)
    expect((await get(place, bob.token)).statusCode).toBe(404)
  }
  for (const list of ['networks', 'subnets', 'ports']) {
    const seen = (token: string) => get(`/${list}`, token).then((answer) => answer.json()[list].length)
    expect((await seen(alice.token)) - (await seen(bob.token))).toBe(1)
  }
  const wish = [{ uuid: String(id) }]
  await expect(connect(2n, bob.caller, wish)).rejects.toMatchObject({ kind: 'itemNotFound' })
  await expect(connect(2n, carol, wish)).rejects.toMatchObject({ kind: 'itemNotFound' })
  await db.run(sql`UPDATE network.networks SET shared_to_project = true WHERE id = ${id}`)
  await expect(connect(2n, bob.caller, wish)).rejects.toMatchObject({ kind: 'itemNotFound' })
  await connect(2n, carol, wish)
  expect((await portsOfServers(db, [2n]))[0]!.mac).toMatch(/^aa:00:10:/)
})

test('changes-since tells what changed, or that nothing did', async ({ onTestFinished }) => {
  const { get } = await openTestNetwork(onTestFinished)
  const before = new Date(Date.now() - 60_000).toISOString()
  expect((await get(`/networks?changes-since=${before}`)).json().networks).toHaveLength(1)
  expect((await get(`/floatingips?changes-since=${before}`)).statusCode).toBe(304)
  for (const list of ['networks', 'floatingips']) expect((await get(`/${list}?changes-since=lately`)).statusCode).toBe(400)
})

test.each([
  ['/networks/x', 400],
  ['/networks/99', 404],
  ['/subnets/99999999999999999999', 400],
  ['/floatingips/1', 404],
  ['/nothing', 400],
])('GET %s answers %i', async (url, code) => {
  const cleanups: (() => void | Promise<void>)[] = []
  const { get } = await openTestNetwork((work) => void cleanups.unshift(work))
  expect((await get(url)).statusCode).toBe(code)
  for (const work of cleanups) await work()
})

test('hardware addresses keep their prefix', () => {
  expect(randomMac('aa:00:0')).toMatch(/^aa:00:00(:[0-9a-f]{2}){3}$/)
})

test('the gateway is the first address, the broadcast address is nobody’s', () => {
  expect(usableAddresses('192.168.4.0/22')).toEqual({ gateway: '192.168.4.1', first: '192.168.4.2', last: '192.168.7.254' })
})
