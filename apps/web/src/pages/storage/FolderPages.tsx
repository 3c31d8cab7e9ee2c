import Pagination from '@cloudscape-design/components/pagination'
import type { UseInfiniteQueryResult } from '@tanstack/react-query'

interface FolderPagesProps {
  listing: Pick<UseInfiniteQueryResult, 'hasNextPage' | 'fetchNextPage'>
  /** How many are there already. */
  pages: number
  current: number
  onChange: (page: number) => void
}

/** Leads through the pages of a folder, of which nobody knows how many there are. */
export function FolderPages({ listing, pages, current, onChange }: FolderPagesProps) {
  if (pages <= 1 && !listing.hasNextPage) return null
  return (
    <Pagination
      currentPageIndex={current}
      pagesCount={pages}
      openEnd={listing.hasNextPage}
      onChange={async ({ detail }) => {
        if (detail.currentPageIndex > pages) await listing.fetchNextPage()
        onChange(detail.currentPageIndex)
      }}
    />
  )
}
