export {
  argument,
  type Command,
  commandsFor,
  flag,
  type InputOf,
  type InputSpec,
  many,
  option,
  optionalArgument,
  type Parameter,
  repeated,
  tuples,
  UsageError,
} from './define.ts'
export { type Cell, type OutputFormat, visible } from './format.ts'
export {
  defineListing,
  defineScopedListing,
  type Field,
  type Filter,
  type Listing,
  outputFormat,
  type People,
  readYesOrNo,
} from './listing.ts'
export { type CommandLog, openCommandLog } from './log-file.ts'
export { type Invocation, runCommand } from './run.ts'
export { Aborted, openTerminal, type Sink, type Terminal } from './terminal.ts'
