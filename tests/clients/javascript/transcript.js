// Writes down what a caller of a client sees: a line of JSON a step, on standard output.

'use strict'

const { createHash } = require('node:crypto')
const { writeSync } = require('node:fs')

// Above this many characters a body is told by its length and hash.
const LONGEST_BODY = 64 * 1024

// Makes a call, writes down what came of it, and gives its answer, or undefined where it failed.
async function step (name, call) {
  let answer
  let outcome
  try {
    answer = await call()
    outcome = answered(answer)
  } catch (exception) {
    outcome = raised(exception)
  }
  writeSync(1, JSON.stringify({ step: name, ...outcome }) + '\n')
  return answer
}

function answered (answer) {
  if (answer === null || typeof answer !== 'object' || !('statusCode' in answer)) {
    return { body: answer }
  }
  return {
    type: typeof answer.body,
    status: answer.statusCode,
    headers: answer.headers,
    body: shortened(answer.body),
    warnings: answer.warnings ?? []
  }
}

function raised (exception) {
  const answer = exception.meta
  if (answer === undefined || answer.statusCode === null || answer.statusCode === undefined) {
    return { exception: exception.name, message: exception.message }
  }
  return {
    exception: exception.name,
    status: answer.statusCode,
    headers: answer.headers,
    body: answer.body,
    warnings: answer.warnings ?? []
  }
}

function shortened (body) {
  const text = JSON.stringify(body)
  if (text === undefined || text.length <= LONGEST_BODY) {
    return body
  }
  return { length: text.length, sha256: createHash('sha256').update(text).digest('hex') }
}

module.exports = { step }
