import { defineConfig } from 'vitest/config'
import { PATIENCE_MS } from './lib/testing/until.ts'

export default defineConfig({
  test: {
    include: ['{apps,clients,engines,lib,services,tests}/**/*.test.{ts,tsx}'],
    globalSetup: ['./lib/testing/server.ts'],
    pool: 'forks',
    maxWorkers: 2,
    // States are waited for, however slow the machine. What is longer has its own limit.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: PATIENCE_MS, interval: 25 } },
  },
})
