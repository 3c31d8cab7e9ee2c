export { type Ran, runLine } from './command-line.ts'
export { type OnTestFinished, openTestDatabase } from './database.ts'
export { temporaryFolder } from './folder.ts'
export { PATIENCE_MS, until } from './until.ts'
