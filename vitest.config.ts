import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['{apps,clients,engines,lib,services,tests}/**/*.test.{ts,tsx}'],
    globalSetup: ['./lib/testing/server.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
})
