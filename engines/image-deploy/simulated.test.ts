import { expect, test } from 'vitest'
import { imageDeployContract } from './contract.ts'
import type { DeployJob } from './interface.ts'
import { openSimulated } from './simulated.ts'

const job: DeployJob = {
  disk: { socketPath: '/nowhere', exportName: 'snf-vol-1' },
  properties: { OSFAMILY: 'linux' },
  hostname: 'snf-1',
  password: 'secret',
  authorizedKeys: [],
  files: [],
  nics: [],
}

imageDeployContract('simulated', async () => {
  const deploy = openSimulated({ delayMilliseconds: 1 })
  return { deploy, job, spoil: async () => deploy.failNext('The image is garbage.') }
})

test('the simulation remembers what it was asked for, and fails once', async () => {
  const deploy = openSimulated()
  deploy.failNext('The image is garbage.')
  await expect(deploy.deploy(job)).rejects.toThrow('The image is garbage.')
  await deploy.deploy(job)
  expect(deploy.jobs).toEqual([job, job])
})
