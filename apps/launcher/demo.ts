// `up --demo`: the mini image, built if it is not there, stored as an object of the first administrator and registered
// for everybody. What is there already stays as it is.
import { createReadStream, existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { connect } from '@synnefo/clients/http'
import { type Image, openImages } from '@synnefo/clients/image'
import { localUrl } from './address.ts'
import type { CloudPlan } from './cloud-plan.ts'
import { firstAdministratorEmail } from './first-administrator.ts'
import { checkout } from './host/checkout.ts'
import { findHome, type Home } from './host/folders.ts'
import { captureProgram } from './host/run-program.ts'
import { readJson, writeJson } from './supervisor/plan.ts'

/** As the builder prints it. */
interface BuiltImage {
  name: string
  imagePath: string
  sizeBytes: number
  properties: Record<string, string>
}

const IMAGE = 'mini'
const CONTAINER = 'images'

/** Answers the registered image. */
export async function offerDemoImage(
  home: Home,
  plan: CloudPlan,
  tell: (line: string) => void,
): Promise<Pick<Image, 'id' | 'name'>> {
  const built = await findOrBuildImage(join(home.folder, 'images'), tell)
  const token = await operatorToken(home, plan)
  const cloud = connect({ baseUrl: localUrl(plan.address), token })
  const account = await accountOf(plan, token)
  const images = openImages(cloud)
  const known = (await images.listImages()).find(
    ({ name, owner, is_public }) => name === built.name && owner === account && is_public,
  )
  if (known) return known

  tell(`registering the image ${built.name}`)
  const object = `${IMAGE}.img`
  await cloud.send('PUT', `/pithos/object-store/v1/${account}/${CONTAINER}`)
  await putFile(`${localUrl(plan.address)}/pithos/object-store/v1/${account}/${CONTAINER}/${object}`, built.imagePath, token)
  const fields = { name: built.name, isPublic: true, properties: built.properties }
  const { id } = await images.registerImage({ account, container: CONTAINER, name: object }, fields)
  return { id, name: built.name }
}

/** The mini image in this folder, with what the builder said of it beside it. */
export async function findOrBuildImage(folder: string, tell: (line: string) => void): Promise<BuiltImage> {
  const file = join(folder, `${IMAGE}.img`)
  const description = join(folder, `${IMAGE}.json`)
  const known = existsSync(file) ? readJson<Omit<BuiltImage, 'imagePath'>>(description) : undefined
  if (known) return { ...known, imagePath: file }
  tell('building the mini image')
  const program = join(checkout, 'apps/starter-images/main.ts')
  const words = ['build', IMAGE, '--out', file, '--cache', findHome().downloads]
  const built = JSON.parse(await captureProgram([process.execPath, program, ...words])) as BuiltImage
  writeJson(description, built)
  return built
}

/** A token of the first administrator for the next day. */
export function operatorToken(home: Home, { manage }: CloudPlan): Promise<string> {
  const command = [...manage.command, 'token-add', firstAdministratorEmail(home), '--name', 'up --demo', '--expires-in', '1']
  return captureProgram(command, { env: manage.environment })
}

export async function accountOf(plan: CloudPlan, token: string): Promise<string> {
  const cloud = connect({ baseUrl: localUrl(plan.address) })
  const { access } = await cloud.json<{ access: { user: { id: string } } }>('POST', '/astakos/identity/v2.0/tokens', {
    json: { auth: { token: { id: token } } },
  })
  return access.user.id
}

async function putFile(url: string, path: string, token: string): Promise<void> {
  const { size } = await stat(path)
  const answer = await fetch(url, {
    method: 'PUT',
    headers: { 'X-Auth-Token': token, 'Content-Type': 'application/octet-stream', 'Content-Length': String(size) },
    body: Readable.toWeb(createReadStream(path, { highWaterMark: 1024 * 1024 })) as ReadableStream,
    duplex: 'half',
  } as RequestInit)
  if (!answer.ok) throw new Error(`storing the image was answered ${answer.status}: ${await answer.text()}`)
}
