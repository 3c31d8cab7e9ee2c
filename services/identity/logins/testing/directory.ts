// A real directory on this machine: Debian's slapd as a child of the test, in a folder of its own.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findFreePort } from '@synnefo/lib/free-port'
import { temporaryFolder } from '@synnefo/lib/testing'
import { Attribute, Change, Client } from 'ldapts'
import type { onTestFinished } from 'vitest'

const SUFFIX = 'dc=example,dc=test'
export const PEOPLE = `ou=people,${SUFFIX}`
export const GROUPS = `ou=groups,${SUFFIX}`

/** May search; may not read passwords. */
export const SEARCHER = { dn: `cn=searcher,${SUFFIX}`, password: 'let me look' }
export const ALICE = { username: 'alice', password: 'down the rabbit hole', mail: 'alice@example.test' }

const entry = (dn: string, attributes: Record<string, string | string[]>) =>
  [
    `dn: ${dn}`,
    ...Object.entries(attributes).flatMap(([name, values]) => [values].flat().map((value) => `${name}: ${value}`)),
    '',
  ].join('\n')

const person = (dn: string, names: { uid: string; givenName: string; sn: string; mail: string; password: string }) => {
  const { uid, givenName, sn, mail, password: userPassword } = names
  return entry(dn, { objectClass: 'inetOrgPerson', uid, cn: `${givenName} ${sn}`, givenName, sn, mail, userPassword })
}

const ENTRIES = [
  entry(SUFFIX, { objectClass: ['dcObject', 'organization'], dc: 'example', o: 'Example' }),
  entry(PEOPLE, { objectClass: 'organizationalUnit', ou: 'people' }),
  entry(GROUPS, { objectClass: 'organizationalUnit', ou: 'groups' }),
  entry(SEARCHER.dn, {
    objectClass: ['organizationalRole', 'simpleSecurityObject'],
    cn: 'searcher',
    userPassword: SEARCHER.password,
  }),
  person(`uid=alice,${PEOPLE}`, { uid: 'alice', givenName: 'Alice', sn: 'Liddell', mail: ALICE.mail, password: ALICE.password }),
  person(`uid=star,${PEOPLE}`, { uid: 'a*', givenName: 'Star', sn: 'Sign', mail: 'star@example.test', password: 'sign' }),
  // A name that needs escaping in names of the directory.
  person(`uid=dodo\\, the,${PEOPLE}`, {
    uid: 'dodo, the',
    givenName: 'Dodo',
    sn: 'Bird',
    mail: 'dodo@example.test',
    password: 'race',
  }),
  entry(`cn=cats,${GROUPS}`, { objectClass: 'groupOfNames', cn: 'cats', member: `uid=alice,${PEOPLE}` }),
  entry(`cn=dogs,${GROUPS}`, { objectClass: 'groupOfNames', cn: 'dogs', member: `uid=star,${PEOPLE}` }),
  // Whoever follows it goes where the directory sends him.
  entry(`ou=elsewhere,${PEOPLE}`, {
    objectClass: ['referral', 'extensibleObject'],
    ou: 'elsewhere',
    ref: 'ldap://127.0.0.1:1/dc=elsewhere',
  }),
]

export interface TestDirectory {
  /** Unencrypted, or encrypted after StartTLS. */
  url: string
  secureUrl: string
  /** Vouches for the directory's certificate. */
  caFile: string
  /** Changes an attribute of a person. */
  change(dn: string, attribute: string, values: string[]): Promise<void>
  close(): Promise<void>
}

export async function openTestDirectory(finished: typeof onTestFinished): Promise<TestDirectory> {
  const folder = await temporaryFolder(finished)
  const [port, securePort] = [await findFreePort(), await findFreePort()]
  const certificate = { key: join(folder, 'key.pem'), caFile: join(folder, 'cert.pem') }
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', '/CN=localhost'],
      ...['-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost'],
      ...['-keyout', certificate.key, '-out', certificate.caFile],
    ],
    { stdio: 'ignore' },
  )
  await mkdir(join(folder, 'data'))
  const config = join(folder, 'slapd.conf')
  const admin = { dn: `cn=admin,${SUFFIX}`, password: 'off with their heads' }
  await writeFile(
    config,
    [
      ...['core', 'cosine', 'inetorgperson'].map((schema) => `include /etc/ldap/schema/${schema}.schema`),
      'modulepath /usr/lib/ldap',
      'moduleload back_mdb',
      `pidfile ${join(folder, 'slapd.pid')}`,
      `TLSCertificateFile ${certificate.caFile}`,
      `TLSCertificateKeyFile ${certificate.key}`,
      'database mdb',
      `suffix ${SUFFIX}`,
      `rootdn ${admin.dn}`,
      `rootpw "${admin.password}"`,
      `directory ${join(folder, 'data')}`,
      'maxsize 10485760',
      'access to attrs=userPassword by anonymous auth by * none',
      `access to * by dn.exact="${SEARCHER.dn}" read by self read by * none`,
    ].join('\n'),
  )
  const ldif = join(folder, 'entries.ldif')
  await writeFile(ldif, ENTRIES.join('\n'))
  // A copy: where the system confines slapd, it confines the one at its usual place.
  const slapd = join(folder, 'slapd')
  await copyFile(execFileSync('sh', ['-c', 'PATH=$PATH:/usr/sbin command -v slapd'], { encoding: 'utf8' }).trim(), slapd)
  execFileSync(slapd, ['-T', 'add', '-f', config, '-l', ldif], { stdio: 'ignore' })

  const url = `ldap://127.0.0.1:${port}`
  const secureUrl = `ldaps://127.0.0.1:${securePort}`
  const child = spawn(slapd, ['-f', config, '-h', `${url} ${secureUrl}`, '-d', '0'], { stdio: 'ignore' })
  const ended = once(child, 'exit')
  const close = async () => {
    child.kill('SIGKILL')
    await ended
  }
  finished(close)

  async function asAdmin<T>(work: (client: Client) => Promise<T>): Promise<T> {
    const client = new Client({ url, connectTimeout: 10_000, timeout: 60_000 })
    try {
      await client.bind(admin.dn, admin.password)
      return await work(client)
    } finally {
      await client.unbind().catch(() => {})
    }
  }
  await untilServing(() => asAdmin(async () => {}), ended)

  return {
    url,
    secureUrl,
    caFile: certificate.caFile,
    change: (dn, attribute, values) =>
      asAdmin((client) =>
        client.modify(dn, new Change({ operation: 'replace', modification: new Attribute({ type: attribute, values }) })),
      ),
    close,
  }
}

async function untilServing(ask: () => Promise<void>, ended: Promise<unknown>): Promise<void> {
  let isOver = false
  void ended.then(() => {
    isOver = true
  })
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      if (isOver) throw new Error('slapd did not start', { cause: error })
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}
