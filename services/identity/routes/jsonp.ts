// Answers as JSON, or as a script that hands the answer to a function: for pages of other origins that are old.
import { Fault } from '@synnefo/lib/fault'
import { writeJson } from '@synnefo/lib/http'
import type { FastifyReply, FastifyRequest } from 'fastify'

export function answerJsonp(request: FastifyRequest, reply: FastifyReply, answer: unknown): FastifyReply {
  reply.header('Cache-Control', 'no-cache, no-store, must-revalidate, max-age=0')
  const { callback } = request.query as Record<string, unknown>
  if (callback === undefined) return reply.type('application/json; charset=utf-8').send(writeJson(answer))
  if (typeof callback !== 'string' || !/^[\w.$]{1,128}$/.test(callback)) {
    throw new Fault('badRequest', 'The callback is no name of a function: letters, digits, _, . and $ only')
  }
  // Text, to a script, may not hold these signs; and what begins the file must be ours, not the caller's.
  const json = writeJson(answer).replaceAll('<', '\\u003c').replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')
  return reply.type('application/javascript; charset=utf-8').send(`/**/${callback}(${json});`)
}
