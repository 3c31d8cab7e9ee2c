import type { LoaderFunctionArgs } from 'react-router'
import { useParams, useSearchParams } from 'react-router'
import { folder as folderQuery } from '../cloud/files.ts'
import { withContainers } from '../cloud/first-visit.ts'
import { TRASH } from '../cloud/own-containers.ts'
import { queryClient } from '../cloud/queries.ts'
import { Folder } from './storage/Folder.tsx'
import { PastFolder } from './storage/PastFolder.tsx'
import { shownAt } from './storage/places.ts'
import { TrashFolder } from './storage/TrashFolder.tsx'

export const loader = async ({ params, request }: LoaderFunctionArgs) => {
  const container = params['container']!
  const { folder, at, shared = false } = shownAt(new URL(request.url).searchParams)
  await withContainers(container === TRASH ? [TRASH] : [])
  // The container may not have been there then: the page of that moment says so itself.
  if (at !== undefined) await queryClient.prefetchInfiniteQuery(folderQuery({ container }, folder, { until: at }))
  else await queryClient.ensureInfiniteQueryData(folderQuery({ container }, folder, { shared }))
  return null
}

export default function ContainerPage() {
  const container = useParams()['container']!
  const { folder, at, shared = false } = shownAt(useSearchParams()[0])
  // Another folder is another page: nothing selected or open is carried along.
  if (at !== undefined) return <PastFolder key={`${container}/${folder}@${at}`} container={container} folder={folder} at={at} />
  if (container === TRASH) return <TrashFolder key={folder} folder={folder} />
  return <Folder key={`${container}/${folder}/${shared}`} container={container} folder={folder} shared={shared} />
}
