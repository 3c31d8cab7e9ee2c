// The public key line of OpenSSH (RFC 4253 §6.6): a type, the base64 of a blob that begins with the same type, a comment.
import { createHash, createPublicKey } from 'node:crypto'
import { Fault } from '@synnefo/lib/fault'

const TYPES =
  /^(ssh-rsa|ssh-ed25519|ecdsa-sha2-nistp(256|384|521)|sk-ssh-ed25519@openssh\.com|sk-ecdsa-sha2-nistp256@openssh\.com)$/

/** MD5 of the blob as colon-separated hex, as the original showed it. Refuses what is not a public key. */
export function fingerprintOf(line: string): string {
  const [type = '', base64 = ''] = line.split(/\s+/)
  const blob = Buffer.from(base64, 'base64')
  const named = blob.length > 4 ? blob.subarray(4, 4 + blob.readUInt32BE(0)).toString('latin1') : ''
  if (
    /[\r\n]/.test(line) ||
    !TYPES.test(type) ||
    named !== type ||
    blob.toString('base64').replace(/=+$/, '') !== base64.replace(/=+$/, '')
  ) {
    throw new Fault(
      'badRequest',
      'This is not a public SSH key. It is one line such as "ssh-ed25519 AAAA… name", from a file that ends in .pub.',
    )
  }
  return createHash('md5').update(blob).digest('hex').match(/../g)!.join(':')
}

/** The line of an RSA key given as PKCS#1 DER. */
export function publicKeyLine(der: Buffer): string {
  const { n = '', e = '' } = createPublicKey({ key: der, format: 'der', type: 'pkcs1' }).export({ format: 'jwk' })
  const blob = Buffer.concat([field(Buffer.from('ssh-rsa')), field(positive(e)), field(positive(n))])
  return `ssh-rsa ${blob.toString('base64')}`
}

function field(data: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  return Buffer.concat([length, data])
}

/** A leading zero keeps the number from reading as negative. */
function positive(base64url: string): Buffer {
  const bytes = Buffer.from(base64url, 'base64url')
  return bytes[0]! & 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes
}
