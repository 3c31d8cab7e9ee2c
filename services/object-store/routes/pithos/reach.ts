// What each request touches, for tokens that do not reach everywhere. Asked once, before any handler runs; a method that
// is not in the table is not for such tokens. Transfers ask about their other end when they have read its name.
import { checkAccountReach, checkContainerReach, checkObjectReach, type Reach, shownContainers } from '../../reach.ts'
import type { Address } from './address.ts'
import type { PithosRequest } from './request.ts'

type Checks = { [Level in Address['level']]: Record<string, (request: PithosRequest<Level>) => void> }

const object = (right: 'read' | 'write') => (request: PithosRequest<'object'>) =>
  checkObjectReach(request.reach, request.userId, request.address, right)
const container =
  (right: 'read' | 'write', part: 'whole' | 'something') =>
  ({ reach, userId, address }: PithosRequest<'container'>) =>
    checkContainerReach(reach, userId, address, right, part)

const CHECKS: Checks = {
  top: { GET: ({ reach }) => checkAccountReach(reach, 'read') },
  account: {
    HEAD: ownAccount,
    GET: ownAccount,
    // Each name that is to be deleted is looked at by itself.
    POST: ({ reach, params }) => (params.has('bulk-delete') ? checkWrites(reach) : checkAccountReach(reach, 'write')),
    DELETE: ({ reach }) => checkWrites(reach),
  },
  container: {
    HEAD: container('read', 'something'),
    GET: container('read', 'something'),
    PUT: container('write', 'whole'),
    // Blocks may be sent ahead by whoever may write some object here; what else this changes is for the whole.
    POST: (request) => container('write', changesContainer(request) ? 'whole' : 'something')(request),
    DELETE: container('write', 'whole'),
  },
  object: {
    HEAD: object('read'),
    GET: object('read'),
    PUT: object('write'),
    POST: object('write'),
    DELETE: object('write'),
    COPY: object('read'),
    MOVE: object('write'),
  },
}

export function checkReach(request: PithosRequest): void {
  const check = CHECKS[request.address.level][request.raw.method] as ((request: PithosRequest) => void) | undefined
  if (check) check(request)
  else checkAccountReach(request.reach, 'write')
}

/** Refuses a token that writes nothing anywhere. */
function checkWrites(reach: Reach): void {
  if (reach.write?.length === 0) checkAccountReach(reach, 'write')
}

/** Somebody else's account is not reached; of one's own, what is reached is shown. */
function ownAccount({ reach, userId, address }: PithosRequest<'account'>): void {
  if (shownContainers(reach) === undefined || address.account === userId) return
  checkAccountReach(reach, 'read')
}

/** Without `update`, what is not said is taken away. */
function changesContainer({ headers, params }: PithosRequest<'container'>): boolean {
  return (
    !params.has('update') ||
    params.has('restore') ||
    ['x-container-meta-', 'x-container-policy-'].some((prefix) => Object.keys(headers.withPrefix(prefix)).length > 0)
  )
}
