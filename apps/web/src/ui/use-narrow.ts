import { useSyncExternalStore } from 'react'

const narrow = matchMedia('(max-width: 700px)')
const roomy = matchMedia('(min-width: 1250px)')
const wide = matchMedia('(min-width: 1300px)')

function useMedia(media: MediaQueryList): boolean {
  return useSyncExternalStore(
    (tell) => {
      media.addEventListener('change', tell)
      return () => media.removeEventListener('change', tell)
    },
    () => media.matches,
  )
}

/** Whether the page is as narrow as a phone. */
export const useNarrow = () => useMedia(narrow)

/** Whether there is room for every column of a table. */
export const useRoomy = () => useMedia(roomy)

/** Whether there is room for something beside what the page is about. */
export const useWide = () => useMedia(wide)
