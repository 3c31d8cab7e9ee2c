// Builds the page into a folder, with a brotli copy of everything that shrinks and a list of what is there.
import { createHash } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join, relative, sep } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { brotliCompress, constants } from 'node:zlib'
import { build } from 'vite'

export interface BuiltFile {
  /** Below the folder, with forward slashes. */
  path: string
  bytes: number
  /** Of the `.br` file beside it, when there is one. */
  brotliBytes?: number
  sha256: string
  /** The name changes with the content, so it may be kept by browsers for ever. */
  immutable: boolean
}

/** Written as `files.json` into the folder. */
export interface BuiltFiles {
  files: BuiltFile[]
  /** What a browser fetches as script before it shows the first page, compressed. */
  firstPageScriptBytes: { signIn: number; home: number }
}

const SHRINKS = /\.(js|css|html|svg|json|txt|webmanifest)$/
const brotli = promisify(brotliCompress)

export async function buildWeb(folder: string): Promise<BuiltFiles> {
  await build({
    configFile: new URL('vite.config.ts', import.meta.url).pathname,
    configLoader: 'native', // others write a copy beside the dependencies, where not everybody may
    logLevel: 'warn',
    build: { outDir: folder, emptyOutDir: true, manifest: 'chunks.json' },
  })
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const names = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const files: BuiltFile[] = []
  const waiting = names.sort()
  const work = async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      files.push(await describe(folder, name))
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() }, work))
  files.sort((a, b) => (a.path < b.path ? -1 : 1))
  const built = { files, firstPageScriptBytes: await firstPages(folder, files) }
  await writeFile(join(folder, 'files.json'), JSON.stringify(built, undefined, 2))
  return built
}

async function describe(folder: string, name: string): Promise<BuiltFile> {
  const path = relative(folder, name).split(sep).join('/')
  const content = await readFile(name)
  const file: BuiltFile = {
    path,
    bytes: content.length,
    sha256: createHash('sha256').update(content).digest('hex'),
    immutable: path.startsWith('assets/'),
  }
  if (!SHRINKS.test(path)) return file
  const shrunk = await brotli(content, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length },
  })
  if (shrunk.length >= content.length) return file
  await writeFile(`${name}.br`, shrunk)
  return { ...file, brotliBytes: shrunk.length }
}

interface Chunk {
  file: string
  imports?: string[]
}

/** The entry, and what each first page adds, with all that they import. */
async function firstPages(folder: string, files: BuiltFile[]) {
  const chunks = JSON.parse(await readFile(join(folder, 'chunks.json'), 'utf8')) as Record<string, Chunk>
  const sizes = new Map(files.map(({ path, bytes, brotliBytes }) => [path, brotliBytes ?? bytes]))
  const reached = (names: string[], seen = new Set<string>()): Set<string> => {
    for (const name of names) {
      if (seen.has(name)) continue
      seen.add(name)
      reached(chunks[name]?.imports ?? [], seen)
    }
    return seen
  }
  const weigh = (...pages: string[]) =>
    [...reached(['index.html', ...pages])].reduce(
      (sum, name) => sum + (sizes.get(chunks[name]?.file ?? '') ?? 0),
      sizes.get('theme.js') ?? 0,
    )
  return { signIn: weigh('src/pages/SignInPage.tsx'), home: weigh('src/shell/Shell.tsx', 'src/pages/HomePage.tsx') }
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { out: { type: 'string' } } })
  if (values.out === undefined) {
    console.error('Say where to build to: node apps/web/build.ts --out FOLDER')
    process.exit(2)
  }
  const { files, firstPageScriptBytes } = await buildWeb(values.out)
  const kilobytes = (bytes: number) => `${(bytes / 1000).toFixed(1)} kB`
  console.log(`${files.length} files; script before the first page, compressed:`)
  console.log(`  sign-in ${kilobytes(firstPageScriptBytes.signIn)}, home ${kilobytes(firstPageScriptBytes.home)}`)
}
