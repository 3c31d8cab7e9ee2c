import { useQuery, useSuspenseInfiniteQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import type { Wanted, Where } from '../../cloud/files.ts'
import { FOLDER_PAGE, folder as folderQuery, WHOLE_FOLDER, wholeFolder } from '../../cloud/files.ts'
import type { Order, View } from './order.ts'
import { BY_NAME, inOrder, keepView, recallView } from './order.ts'
import type { Row } from './rows.ts'
import { rowsOf } from './rows.ts'

/** What a table of files shows of a folder, and how one goes through it. */
export interface FolderView {
  rows: Row[]
  view: View
  onView: (view: View) => void
  page: number
  pages: number
  onPage: (page: number) => void
  listing: { hasNextPage: boolean; fetchNextPage: () => Promise<unknown> }
  isReading: boolean
  isRefetching: boolean
  note: string | undefined
}

/** A folder, small ones in any order at once; of large ones all is read first, unless they stand as the cloud lists them. */
export function useFolder(where: Where, folder: string, wanted: Wanted = {}): FolderView {
  const listing = useSuspenseInfiniteQuery(folderQuery(where, folder, wanted))
  const [view, setView] = useState(recallView)
  const [page, setPage] = useState(1)
  const isLarge = listing.hasNextPage || listing.data.pages.length > 1
  const sorts = isLarge && !isPlain(view.order)
  const whole = useQuery({ ...wholeFolder(where, folder, wanted), enabled: sorts })

  const pages = pagesOf()
  function pagesOf(): Row[][] {
    if (!isLarge) return [inOrder(rowsOf(listing.data.pages, folder).flat(), view.order)]
    if (sorts && whole.data) return cut(inOrder(rowsOf([whole.data], folder)[0] ?? [], view.order))
    return rowsOf(listing.data.pages, folder)
  }
  useEffect(() => {
    // Deleting may leave fewer pages than before.
    if (page > pages.length) setPage(Math.max(1, pages.length))
  }, [page, pages.length])

  const sorted = sorts && whole.data !== undefined
  return {
    rows: pages[page - 1] ?? [],
    view,
    onView(next) {
      setView(next)
      setPage(1)
      keepView(next)
    },
    page,
    pages: pages.length,
    onPage: setPage,
    listing: { hasNextPage: listing.hasNextPage && !sorted, fetchNextPage: listing.fetchNextPage },
    isReading: listing.isFetchingNextPage || (sorts && whole.isLoading),
    isRefetching: listing.isRefetching,
    note: noteOf(),
  }
  function noteOf(): string | undefined {
    if (sorted && whole.data?.length === WHOLE_FOLDER)
      return `This folder is too large to be put in order as a whole: only its first ${WHOLE_FOLDER.toLocaleString()} by name are shown. Order by name to see all.`
    return isLarge && !sorted ? `Pages of ${FOLDER_PAGE}, read as you go.` : undefined
  }
}

const isPlain = (order: Order) => order.by === BY_NAME.by && order.descending === BY_NAME.descending

const cut = (rows: Row[]): Row[][] =>
  Array.from({ length: Math.max(1, Math.ceil(rows.length / FOLDER_PAGE)) }, (_, page) =>
    rows.slice(page * FOLDER_PAGE, (page + 1) * FOLDER_PAGE),
  )
