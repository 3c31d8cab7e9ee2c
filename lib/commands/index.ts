export {
  argument,
  type Command,
  commandsFor,
  flag,
  type InputOf,
  type InputSpec,
  many,
  option,
  type Parameter,
  UsageError,
} from './define.ts'
export { runCommand } from './run.ts'
export { type Cell, type OutputFormat, openTerminal, type Terminal } from './terminal.ts'
