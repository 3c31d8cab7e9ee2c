// image build NAME [--out FILE] [--cache FOLDER]: builds a starter image; prints where it is and how to register it, as JSON.
import { mkdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { starterImages } from './index.ts'

const home = process.env.SYNNEFO_HOME ?? (process.getuid?.() === 0 ? '/var/lib/synnefo' : join(homedir(), '.local/share/synnefo'))
const { values, positionals } = parseArgs({
  options: { out: { type: 'string' }, cache: { type: 'string' } },
  allowPositionals: true,
})
const [verb, name = ''] = positionals
if (verb !== 'build' || !(name in starterImages)) {
  const known = Object.entries(starterImages).map(([image, { summary }]) => `  ${image}  ${summary}`)
  console.error(`Usage: image build NAME [--out FILE] [--cache FOLDER]\n\nImages:\n${known.join('\n')}`)
  process.exit(2)
}
const imagePath = resolve(values.out ?? join(home, 'images', `${name}.img`))
await mkdir(dirname(imagePath), { recursive: true })
const image = await starterImages[name as keyof typeof starterImages].build({
  imagePath,
  cacheFolder: resolve(values.cache ?? join(home, 'cache')),
  onStep: (step) => console.error(`${step} …`),
})
console.log(JSON.stringify(image, null, 2))
