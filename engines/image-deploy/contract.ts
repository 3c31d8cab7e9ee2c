// What every implementation of `ImageDeploy` promises, as tests.
import { describe, expect, type onTestFinished, test } from 'vitest'
import { DeployFailed, type DeployJob, type ImageDeploy } from './interface.ts'

export interface ImageDeployUnderTest {
  deploy: ImageDeploy
  /** A job that can be done. */
  job: DeployJob
  /** Makes it one that cannot. */
  spoil(): Promise<void>
}

export function imageDeployContract(
  name: string,
  openUnderTest: (finished: typeof onTestFinished) => Promise<ImageDeployUnderTest>,
): void {
  describe(`image deploy: ${name}`, () => {
    test('tasks are told as they start and reported in their order', async ({ onTestFinished }) => {
      const { deploy, job } = await openUnderTest(onTestFinished)
      const told: string[] = []
      const report = await deploy.deploy(job, { onTask: (task) => told.push(task) })
      expect(report.tasks).toEqual(told)
      const wanted = [
        'FixPartitionTable',
        'FilesystemResizeUnmounted',
        'MountImage',
        'AssignHostname',
        'ChangePassword',
        'UmountImage',
      ]
      expect(report.tasks.filter((task) => wanted.includes(task))).toEqual(wanted)
    })

    test('an image that excludes every task is not touched', async ({ onTestFinished }) => {
      const { deploy, job } = await openUnderTest(onTestFinished)
      const report = await deploy.deploy({ ...job, properties: { EXCLUDE_ALL_TASKS: 'yes' } })
      expect(report).toEqual({ tasks: [], warnings: [] })
    })

    test('what cannot be customised fails with words for the owner', async ({ onTestFinished }) => {
      const { deploy, job, spoil } = await openUnderTest(onTestFinished)
      await spoil()
      await expect(deploy.deploy(job)).rejects.toThrow(DeployFailed)
    })

    test('an aborted job rejects with the reason', async ({ onTestFinished }) => {
      const { deploy, job } = await openUnderTest(onTestFinished)
      const reason = new Error('the server was deleted')
      const abort = new AbortController()
      const deployed = deploy.deploy(job, { signal: abort.signal })
      abort.abort(reason)
      await expect(deployed).rejects.toBe(reason)
    })
  })
}
