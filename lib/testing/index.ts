export { type OnTestFinished, openTestDatabase } from './database.ts'
export { temporaryFolder } from './folder.ts'
