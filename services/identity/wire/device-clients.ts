// Command lines of our own that may ask for API tokens by device login, by the id with which they introduce themselves.
export const DEVICE_CLIENTS: Readonly<Record<string, string>> = {
  kamaki: 'The kamaki command line',
}

export const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code'
