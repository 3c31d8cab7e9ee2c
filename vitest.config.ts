import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['{apps,clients,engines,lib,services,tests}/**/*.test.{ts,tsx}'],
    globalSetup: ['./lib/testing/server.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // States are waited for, however slow the machine.
    expect: { poll: { timeout: 20_000, interval: 25 } },
  },
})
