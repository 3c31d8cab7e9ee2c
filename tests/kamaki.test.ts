// The requests that kamaki puts on the wire on the way from a token to a server, byte for byte (its request line, its
// headers in its spelling, its bodies), and what it reads from the answers. A simulated backend runs the servers.
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { openWholeCloud } from './cloud.ts'
import { type RawAnswer, sendRaw } from './raw-http.ts'

test('from a token to a server and back, as kamaki does it', async ({ onTestFinished }) => {
  const cloud = await openWholeCloud(onTestFinished)
  const { token, uuid } = await cloud.person()
  const { host } = new URL(cloud.url)

  /** kamaki's habits: no Accept, no trailing slash, a Content-Length with every body. */
  async function kamaki(
    expected: number,
    method: string,
    address: string,
    headers: string[] = [],
    body: string | Buffer = '',
  ): Promise<RawAnswer> {
    const path = address.startsWith('/') ? address : address.slice(cloud.url.length)
    const length = body.length > 0 ? [`Content-Length: ${Buffer.byteLength(body)}`] : []
    const answer = await sendRaw(
      cloud.url,
      [
        `${method} ${path} HTTP/1.1`,
        `Host: ${host}`,
        'Accept-Encoding: identity',
        `X-Auth-Token: ${token}`,
        ...headers,
        ...length,
      ],
      body,
    )
    expect([method, path, answer.status, answer.status === expected ? '' : answer.body.toString()]).toEqual([
      method,
      path,
      expected,
      '',
    ])
    return answer
  }
  const json = ['Content-Type: application/json']

  // Start-up: who am I, and where is everything?
  const access = (
    await kamaki(200, 'POST', '/astakos/identity/v2.0/tokens', json, `{"auth": {"token": {"id": "${token}"}}}`)
  ).json() as Access
  expect(access.access.user.id).toBe(uuid)
  expect(access.access.token.tenant.id).toBe(uuid)
  const endpoint = (type: string, version?: string) => {
    const urls = access.access.serviceCatalog
      .filter((service) => service.type === type)
      .flatMap(({ endpoints }) => endpoints.filter(({ versionId }) => version === undefined || versionId === version))
      .map(({ publicURL }) => publicURL)
    expect([type, urls.length]).toEqual([type, 1])
    return /\/v\d+(\.\d+)?$/.test(urls[0]!) ? urls[0]! : `${urls[0]}/${VERSIONS[type]}`
  }
  const [store, image, compute, network, volume, account] = [
    endpoint('object-store'),
    endpoint('image'),
    endpoint('compute'),
    endpoint('network'),
    endpoint('volume'),
    endpoint('account', 'v1.0'),
  ]
  const usage = async () =>
    (
      (await kamaki(200, 'GET', `${account}/quotas`)).json() as Record<string, Record<string, { usage: number; pending: number }>>
    )[uuid]!
  const before = await usage()

  // kamaki container create, file upload: hashes first, then only the block that the cloud lacks.
  await kamaki(201, 'PUT', `${store}/${uuid}/pithos`, ['Content-Length: 0'])
  const block = Buffer.from('the only block of a small disk image')
  const hash = createHash('sha256').update(block).digest('hex')
  const hashmap = `{"block_hash": "sha256", "hashes": ["${hash}"], "block_size": 4194304, "bytes": ${block.length}}`
  const object = `${store}/${uuid}/pithos/${encodeURIComponent('δίσκος 1.img')}`
  const octets = ['Content-Type: application/octet-stream']
  const missing = await kamaki(409, 'PUT', `${object}?format=json&hashmap=True`, octets, hashmap)
  expect(missing.json()).toEqual([hash])
  const stored = await kamaki(202, 'POST', `${store}/${uuid}/pithos?update&format=json`, octets, block)
  expect(stored.body.toString()).toContain(hash)
  await kamaki(201, 'PUT', `${object}?format=json&hashmap=True`, octets, hashmap)
  expect((await kamaki(200, 'HEAD', object)).headers['content-length']).toBe(String(block.length))
  expect((await kamaki(200, 'GET', `${object}?format=json&hashmap=True`)).json()).toMatchObject({
    bytes: block.length,
    hashes: [hash],
  })
  expect((await kamaki(200, 'GET', object)).body).toEqual(block)
  expect((await kamaki(200, 'GET', `${store}/${uuid}/pithos?format=json`)).json()).toMatchObject([
    { name: 'δίσκος 1.img', bytes: block.length },
  ])
  expect((await kamaki(200, 'GET', `${store}/${uuid}?format=json`)).json()).toMatchObject([
    { name: 'pithos', count: 1, bytes: block.length },
  ])

  // kamaki image register
  const location = `pithos://${uuid}/pithos/${encodeURIComponent('δίσκος 1.img')}`
  const registered = await kamaki(200, 'POST', `${image}/images/`, [
    `X-Image-Meta-Name: ${encodeURIComponent('Μικρό')}`,
    `X-Image-Meta-Location: ${location}`,
    'X-Image-Meta-Property-OSFAMILY: linux',
    'X-Image-Meta-Property-ROOT_PARTITION: 1',
    'X-Image-Meta-Property-USERS: root',
    'Content-Length: 0',
  ])
  const imageId = registered.headers['x-image-meta-id']!
  expect((await kamaki(200, 'GET', `${image}/images/detail?sort_dir=asc`)).json()).toMatchObject({
    images: [{ id: imageId, name: 'Μικρό', location, properties: { osfamily: 'linux', root_partition: '1', users: 'root' } }],
  })
  expect((await kamaki(200, 'HEAD', `${image}/images/${imageId}`)).headers['x-image-meta-property-root-partition']).toBe('1')

  // kamaki flavor list, network list, keypair add
  const { flavors } = (await kamaki(200, 'GET', `${compute}/flavors/detail`)).json() as {
    flavors: { id: number; name: string; vcpus: number; ram: number; disk: number }[]
  }
  expect(flavors[0]!.name).toBe(`C${flavors[0]!.vcpus}R${flavors[0]!.ram}D${flavors[0]!.disk}ext_archipelago`)
  expect((await kamaki(200, 'GET', `${network}/networks/detail`)).json()).toMatchObject({ networks: [{ id: '1', public: true }] })
  await kamaki(201, 'POST', `${compute}/os-keypairs`, json, '{"keypair": {"name": "laptop"}}')

  // kamaki server create -w, with everything it sends
  expect((await kamaki(200, 'GET', `${compute}/images/${imageId}`)).json()).toMatchObject({
    image: { metadata: { users: 'root' } },
  })
  const request =
    `{"server": {"name": "Ο πρώτος", "imageRef": "${imageId}", "flavorRef": ${flavors[0]!.id}, "metadata": {"users": "root"}, "SNF:key_names": ["laptop"], ` +
    `"personality": [{"path": "/root/note", "contents": "aGVsbG8=", "owner": "root", "group": "root", "mode": 384}], "project": "${uuid}"}}`
  const { server } = (await kamaki(202, 'POST', `${compute}/servers`, json, request)).json() as {
    server: { id: number; status: string; adminPass: string }
  }
  expect([server.status, server.adminPass.length >= 10]).toEqual(['BUILD', true])
  const charged = await usage()
  expect([charged['cyclades.vm']!.usage, charged['cyclades.vm']!.pending]).toEqual([before['cyclades.vm']!.usage + 1, 0])
  await cloud.settle()
  const details = async () =>
    ((await kamaki(200, 'GET', `${compute}/servers/${server.id}`)).json() as { server: Record<string, unknown> }).server
  expect(await details()).toMatchObject({
    status: 'ACTIVE',
    name: 'Ο πρώτος',
    image: { id: imageId },
    metadata: { users: 'root' },
    attachments: [{ ipv4: expect.stringMatching(/^10\./) }],
  })
  expect((await kamaki(200, 'GET', `${compute}/servers`)).json()).toMatchObject({ servers: [{ id: server.id }] })
  expect((await kamaki(200, 'GET', `${network}/ports`)).json()).toMatchObject({
    ports: [{ device_id: String(server.id), status: 'ACTIVE' }],
  })
  expect((await kamaki(200, 'GET', `${volume}/volumes/detail`)).json()).toMatchObject({
    volumes: [{ status: 'in_use', image_id: imageId }],
  })

  // kamaki server console, rename, shutdown, start, reboot, delete
  const console = (
    await kamaki(200, 'POST', `${compute}/servers/${server.id}/action`, json, '{"console": {"type": "vnc"}}')
  ).json() as { console: { port: number } }
  expect(console.console.port).toBeGreaterThan(0)
  await kamaki(204, 'PUT', `${compute}/servers/${server.id}`, json, '{"server": {"name": "first"}}')
  await kamaki(202, 'POST', `${compute}/servers/${server.id}/action`, json, '{"shutdown": {}}')
  await cloud.settle()
  expect((await details())['status']).toBe('STOPPED')
  await kamaki(202, 'POST', `${compute}/servers/${server.id}/action`, json, '{"start": {}}')
  await cloud.settle()
  await kamaki(202, 'POST', `${compute}/servers/${server.id}/action`, json, '{"reboot": {"type": "SOFT"}}')
  await cloud.settle()
  expect((await details())['status']).toBe('ACTIVE')
  await kamaki(204, 'DELETE', `${compute}/servers/${server.id}`)
  await cloud.settle()
  expect(await details()).toMatchObject({ status: 'DELETED', deleted: true })

  // kamaki image unregister, file delete, container delete
  await kamaki(204, 'DELETE', `${image}/images/${imageId}`)
  await kamaki(204, 'DELETE', object)
  await kamaki(204, 'DELETE', `${store}/${uuid}/pithos`)
  expect(await usage()).toEqual(before)
})

const VERSIONS: Record<string, string> = {
  compute: 'v2.0',
  network: 'v2.0',
  image: 'v1.0',
  volume: 'v2.0',
  identity: 'v2.0',
  'object-store': 'v1',
}

interface Access {
  access: {
    token: { tenant: { id: string } }
    user: { id: string }
    serviceCatalog: { name: string; type: string; endpoints: { publicURL: string; versionId: string }[] }[]
  }
}
