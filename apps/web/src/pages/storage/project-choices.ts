import type { Quotas } from '@synnefo/clients/identity'
import { usageOf } from '../../cloud/usage.ts'
import { formatAmount } from '../../ui/format.ts'

const RESOURCE = 'pithos.diskspace'

export interface ProjectSpace {
  project: string
  name: string
  used: string
  limit: string
  left: string
  share: number | undefined
}

/** The projects that give room for files, one's own first. */
export function projectSpaces(quotas: Quotas, names: ReadonlyMap<string, string> | undefined, own: string): ProjectSpace[] {
  const spaces = Object.entries(quotas).flatMap(([project, holdings]): ProjectSpace[] => {
    const holding = holdings[RESOURCE]
    if (holding === undefined) return []
    const { used, limit, left, share } = usageOf(holding)
    const [usedText, limitText, leftText] = [used, limit, left].map((amount) => formatAmount(RESOURCE, amount))
    return [
      {
        project,
        name: project === own ? 'System project' : (names?.get(project) ?? project),
        used: usedText!,
        limit: limitText!,
        left: leftText!,
        share,
      },
    ]
  })
  return spaces.toSorted((a, b) => Number(b.project === own) - Number(a.project === own) || a.name.localeCompare(b.name))
}
