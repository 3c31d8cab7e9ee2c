import type { LoaderFunctionArgs } from 'react-router'
import { useParams, useSearchParams } from 'react-router'
import { attached, emailsOf, folder as folderQuery } from '../cloud/files.ts'
import { withContainers } from '../cloud/first-visit.ts'
import { HOME } from '../cloud/own-containers.ts'
import { queryClient } from '../cloud/queries.ts'
import { shownAt } from './storage/places.ts'
import { SharedFolder } from './storage/SharedFolder.tsx'

export const loader = async ({ params, request }: LoaderFunctionArgs) => {
  const where = { account: params['account']!, container: params['container']! }
  const { folder } = shownAt(new URL(request.url).searchParams)
  await Promise.all([
    withContainers([HOME]), // where copies go
    queryClient.ensureInfiniteQueryData(folderQuery(where, folder)),
    queryClient.ensureQueryData(attached(where, folder.replace(/\/$/, ''))),
    queryClient.ensureQueryData(emailsOf([where.account])),
  ])
  return null
}

export default function SharedFilesPage() {
  const { account, container } = useParams()
  const { folder } = shownAt(useSearchParams()[0])
  const where = { account: account!, container: container! }
  return <SharedFolder key={`${account}/${container}/${folder}`} where={where} folder={folder} />
}
