// Prepares the database inside the view of the system users (host/view.ts), which the launcher itself is outside of.
import { type PostgresOptions, preparePostgres } from '@synnefo/lib/postgres'

console.log(JSON.stringify(await preparePostgres(JSON.parse(process.argv[2]!) as PostgresOptions)))
