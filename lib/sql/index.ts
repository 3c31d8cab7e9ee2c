export { default as sql, empty, join, raw, type Sql } from 'sql-template-tag'
export {
  ANNOUNCEMENTS,
  type Announcement,
  type DatabaseOptions,
  type Db,
  openDatabase,
  type Queryable,
  type Tx,
  WAKES,
} from './database.ts'
export { isDatabaseUnavailable, isDiskFull, isForeignKeyViolation, isUniqueViolation, isUnstorable, RunAgain } from './errors.ts'
export { openGroupCommit } from './group-commit.ts'
export { type KnownMigration, listMigrations, type Migrations, migrate } from './migrate.ts'
export { describeSchema } from './schema.ts'
export { openTogether } from './together.ts'
