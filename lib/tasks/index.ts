export { type EachOptions, eachOf } from './each.ts'
export { defineTask, openTasks, type Task, type TaskRunner } from './runner.ts'
