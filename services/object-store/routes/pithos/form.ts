// A form of a browser, read as it arrives: the file in it goes where `take` puts it, everything else is passed over.
import { pipeline } from 'node:stream/promises'
import { Busboy } from '@fastify/busboy'
import { Fault } from '@synnefo/lib/fault'

export interface FormFile<T> {
  field: string
  take(data: AsyncIterable<Buffer>, contentType: string | undefined): Promise<T>
}

const LIMITS = { fields: 100, fieldSize: 64 * 1024, parts: 200, headerPairs: 100 }

/** Answers what became of the file, once the whole form has arrived. */
export async function readForm<T>(body: AsyncIterable<Buffer>, contentType: string, { field, take }: FormFile<T>): Promise<T> {
  const form = openForm(contentType)
  let taken: Promise<T> | undefined
  let arriving: { destroy(error: Error): unknown } | undefined
  let refusal: unknown
  form.on('file', (name, file, _filename, _encoding, type) => {
    if (name !== field || taken) {
      file.resume()
      return
    }
    arriving = file
    taken = take(dataOf(file), type)
    taken.catch((error) => {
      refusal ??= error
      form.destroy(error)
    })
  })
  try {
    await pipeline(body, form)
  } catch (error) {
    // Nobody tells the file that the form broke off: whoever takes it would wait for ever.
    arriving?.destroy(error as Error)
    await taken?.catch(() => undefined)
    throw refusal ?? (error instanceof Fault ? error : broken(error))
  }
  if (!taken) throw new Fault('badRequest', `The form has no file ${field}.`)
  return taken
}

function openForm(contentType: string): InstanceType<typeof Busboy> {
  try {
    return new Busboy({ headers: { 'content-type': contentType }, limits: LIMITS })
  } catch (cause) {
    throw broken(cause)
  }
}

async function* dataOf(file: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* file
  } catch (cause) {
    throw broken(cause)
  }
}

function broken(cause: unknown): Fault {
  return new Fault('badRequest', 'The form is not complete or not well-formed.', { cause })
}
