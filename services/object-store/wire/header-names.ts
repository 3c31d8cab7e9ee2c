// How names of metadata are written, for the service and for its clients.

/** `x-object-meta-fooBAR` is `X-Object-Meta-Foobar`, and `some_KEY` is `Some-Key`. */
export const normalisedHeader = (name: string): string =>
  name
    .replaceAll('_', '-')
    .split('-')
    .map((part) => {
      const [first = '', ...rest] = part
      return first.toUpperCase() + rest.join('').toLowerCase()
    })
    .join('-')
