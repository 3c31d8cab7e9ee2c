// Succeeds when node_modules holds what package-lock.json names, because somebody ran npm by hand: then nothing
// needs installing. Run by ./synnefo with the system's Node.js (20 or newer), before there are any dependencies.
import { readFileSync } from 'node:fs'

const read = (file) => {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages
  } catch {
    return undefined
  }
}

const wanted = Object.entries(read('package-lock.json') ?? {}).filter(([path]) => path.includes('node_modules/'))
const present = read('node_modules/.package-lock.json') // npm writes it last

/** Optional packages are binaries for one platform each; only ours must be there. */
const isForThisMachine = ({ optional, os, cpu, libc }) =>
  !optional || (os?.includes('linux') && cpu?.includes(process.arch) && (!libc || libc.includes('glibc')))

const whole =
  present !== undefined &&
  wanted.every(([path, entry]) => !isForThisMachine(entry) || (path in present && present[path].version === entry.version))
process.exitCode = whole ? 0 : 1
