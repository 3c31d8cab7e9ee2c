// The account files of a Linux system. They are handled as latin1, so that bytes which are no UTF-8 stay what they are.

export interface Account {
  name: string
  uid: number
  gid: number
  home: string
}

export function findAccount(passwd: string, name: string): Account | undefined {
  const fields = lineOf(passwd, name)
  return fields && { name, uid: Number(fields[2]), gid: Number(fields[3]), home: fields[5] || '/' }
}

/** The number of a group in /etc/group, or of a user in /etc/passwd. */
export function findId(file: string, name: string): number | undefined {
  const id = lineOf(file, name)?.[2]
  return id === undefined || !/^\d+$/.test(id) ? undefined : Number(id)
}

/** /etc/shadow with the new hash, and nothing about the old password's age. Undefined when it has no such account. */
export function withPassword(shadow: string, name: string, hash: string, today: Date): string | undefined {
  const days = Math.floor(today.getTime() / 86_400_000)
  let found = false
  const lines = shadow.split('\n').map((line) => {
    if (!line.startsWith(`${name}:`)) return line
    found = true
    return `${name}:${hash}:${days}:0:99999:7:::`
  })
  return found ? lines.join('\n') : undefined
}

function lineOf(file: string, name: string): string[] | undefined {
  return file
    .split('\n')
    .find((line) => line.startsWith(`${name}:`))
    ?.split(':')
}
