// A folder as it was: one call brings many deleted objects back.
import { setTimeout as delay } from 'node:timers/promises'
import type { Bench } from './bench.ts'
import { seedContainer } from './seed.ts'

export async function measureRestore(bench: Bench): Promise<void> {
  const { base, inside, scale, tell } = bench
  if (!inside) return tell('restoring is only measured in a cloud of its own')
  const container = bench.unique('restore')
  const path = `${base}/${container}`
  await bench.must({ method: 'PUT', path })
  await seedContainer(bench, inside, { container, count: scale.restored })
  await delay(10) // the moment lies between both
  const moment = Date.now() / 1000
  await delay(10)
  tell(`deleting and restoring ${scale.restored} objects`)
  const took = async (name: string, request: () => Promise<unknown>) => {
    const began = performance.now()
    await request()
    bench.rows.push({ name, value: performance.now() - began, unit: 'ms' })
  }
  await took(`delete ${scale.restored} objects in one call`, () => bench.must({ method: 'DELETE', path: `${path}?delimiter=/` }))
  await took(`restore ${scale.restored} objects in one call`, () =>
    bench.must({ method: 'POST', path: `${path}?restore&until=${moment}` }),
  )
  const { headers } = await bench.must({ method: 'HEAD', path })
  const count = Number(headers.get('x-container-object-count'))
  if (count !== scale.restored) throw new Error(`${count} objects are back instead of ${scale.restored}`)
}
