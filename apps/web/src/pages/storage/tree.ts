/** The folders on the way to a folder and itself, from the container on: '', 'a/', 'a/b/'. */
export function ancestorsOf(folder: string): string[] {
  const parts = folder.split('/').slice(0, -1)
  return ['', ...parts.map((_, index) => `${parts.slice(0, index + 1).join('/')}/`)]
}
