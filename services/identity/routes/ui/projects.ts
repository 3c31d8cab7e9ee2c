// What the pages of projects need beyond the account API, through which they apply, decide, join and leave like
// everybody: lists that are searched and paged here, counts, members with their usage, and what a change would change.
import { type Plugin, Type } from '@synnefo/lib/http'
import type { Identity } from '../../identity.ts'
import { applicationForm, applicationPage, projectPage, summary } from '../../projects/page-details.ts'
import { listPage } from '../../projects/page-list.ts'
import { SORTS } from '../../store/project-pages.ts'
import { readProject } from '../account/project-bodies.ts'
import { asDict } from '../dialect.ts'
import { signedIn } from './person.ts'

const MOST_PER_PAGE = 200

export const PageSize = Type.Optional(Type.Integer({ minimum: 1, maximum: MOST_PER_PAGE }))
export const ProjectPath = Type.Object({ id: Type.String({ maxLength: 255 }) })
const ApplicationPath = Type.Object({ id: Type.String({ pattern: '^\\d{1,18}$' }) })

const ListQuery = Type.Object({
  scope: Type.Optional(Type.Union([Type.Literal('mine'), Type.Literal('search')])),
  q: Type.Optional(Type.String({ maxLength: 200 })),
  sort: Type.Optional(Type.String({ pattern: `^-?(${SORTS.join('|')})$` })),
  show_base: Type.Optional(Type.String()),
  after: Type.Optional(Type.String({ maxLength: 2000 })),
  limit: PageSize,
})

export const projectPageRoutes: Plugin<{ identity: Identity }> = async (app, { identity }) => {
  app.get('/projects', { schema: { querystring: ListQuery } }, async (request) => {
    const { person } = await signedIn(identity, request)
    const { scope = 'mine', q, sort = 'name', show_base: showBase, after, limit } = request.query
    const search = q?.replaceAll('\0', '').trim()
    return listPage(identity, person, {
      scope,
      sort: SORTS.find((each) => sort.endsWith(each))!,
      descending: sort.startsWith('-'),
      showSystem: showBase === '1',
      ...(search ? { search } : {}),
      ...(after === undefined ? {} : { after }),
      ...(limit === undefined ? {} : { limit }),
    })
  })

  app.get('/projects/form', async (request) => {
    const { person } = await signedIn(identity, request)
    return applicationForm(identity, person)
  })

  app.post('/projects/summary', async (request) => {
    const { person } = await signedIn(identity, request)
    return summary(identity, person, readProject(asDict(request.body)))
  })

  app.get('/projects/:id', { schema: { params: ProjectPath } }, async (request) => {
    const { person } = await signedIn(identity, request)
    return projectPage(identity, person, request.params.id)
  })

  app.post('/projects/:id/summary', { schema: { params: ProjectPath } }, async (request) => {
    const { person } = await signedIn(identity, request)
    return summary(identity, person, readProject(asDict(request.body)), request.params.id)
  })

  app.get('/applications/:id', { schema: { params: ApplicationPath } }, async (request) => {
    const { person } = await signedIn(identity, request)
    return applicationPage(identity, person, BigInt(request.params.id))
  })
}
