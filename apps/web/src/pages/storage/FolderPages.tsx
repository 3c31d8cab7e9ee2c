import Pagination from '@cloudscape-design/components/pagination'

interface FolderPagesProps {
  listing: { hasNextPage: boolean; fetchNextPage: () => Promise<unknown> }
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
