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
  repeated,
  UsageError,
} from './define.ts'
export type { Cell, OutputFormat } from './format.ts'
export { defineListing, type Field, type Filter, type Listing, outputFormat, readYesOrNo } from './listing.ts'
export { runCommand } from './run.ts'
export { openTerminal, type Terminal } from './terminal.ts'
