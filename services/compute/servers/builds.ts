// What it takes to make an image into a user's server, kept encrypted from the request until the machine is made.
import type { DeployFile, DeployJob } from '@synnefo/engine-image-deploy'
import type { Tx } from '@synnefo/lib/sql'
import type { Compute } from '../compute.ts'
import { keepBuild, keepPassword, sealedBuild, sealedPassword } from '../store/server-parts.ts'

export interface Build {
  password: string
  authorizedKeys: string[]
  files: PersonalityFile[]
  properties: Record<string, string>
}

/** A file as it travels in JSON: contents in base64. */
export interface PersonalityFile extends Omit<DeployFile, 'contents'> {
  contents: string
}

/** Binds the sealed text to its server and purpose: it opens nowhere else. */
const about = (purpose: 'build' | 'password', id: bigint) => `compute ${purpose} of server ${id}`

export async function sealBuild(compute: Compute, tx: Tx, id: bigint, build: Build): Promise<void> {
  const { keys } = compute.identity
  await keepBuild(tx, id, keys.seal(JSON.stringify(build), about('build', id)))
  await keepPassword(tx, id, keys.seal(build.password, about('password', id)))
}

/** The customisation of a server that is to be made; undefined when it has been made already. */
export async function openBuild(
  compute: Compute,
  id: bigint,
  hostname: string,
): Promise<Omit<DeployJob, 'disk' | 'nics'> | undefined> {
  const sealed = await sealedBuild(compute.db, id)
  if (!sealed) return undefined
  const { files, ...build } = JSON.parse(compute.identity.keys.unseal(sealed, about('build', id))) as Build
  return { ...build, hostname, files: files.map((file) => ({ ...file, contents: Buffer.from(file.contents, 'base64') })) }
}

export async function openPassword(compute: Compute, id: bigint): Promise<string | undefined> {
  const sealed = await sealedPassword(compute.db, id)
  return sealed && compute.identity.keys.unseal(sealed, about('password', id))
}
