// What differs between the JavaScript clients, so that one script serves them all.

'use strict'

const { promisify } = require('node:util')

// Milliseconds; a machine may be busy, and a client that gives up would be a difference.
const PATIENCE = 120000

// The package is named by what its client is and its version: `elasticsearch-8.19.2`.
function load (name) {
  const { Client } = require(name)
  const [product, version] = name.split('-')
  const isOpenSearch = product === 'opensearch'
  // From 8 on every part of a body is a parameter of its own, and an answer is its body unless more is asked for.
  const hasBody = isOpenSearch || version.startsWith('7.')

  const connect = (url, options = {}) => new Client({ node: url, requestTimeout: PATIENCE, ...options })
  const whole = hasBody ? {} : { meta: true }
  const shape = {
    body: parts => hasBody ? { body: parts } : parts,
    document: value => hasBody ? { body: value } : { document: value },
    operations: lines => hasBody ? { body: lines } : { operations: lines }
  }

  // A call that the client has no method for.
  const request = (client, method, path, body, options = {}) =>
    client.transport.request({ method, path, body }, { ...whole, ...options })

  const jobs = client => {
    const path = id => `/_ml/anomaly_detectors/${id}`
    const oldPath = (id, job) => request(client, 'PUT', `/_xpack/ml/anomaly_detectors/${id}`, job)
    if (isOpenSearch) {
      return {
        create: (id, job) => request(client, 'PUT', path(id), job),
        get: id => request(client, 'GET', path(id)),
        list: () => request(client, 'GET', path('')),
        update: (id, change) => request(client, 'POST', `${path(id)}/_update`, change),
        validate: job => request(client, 'POST', path('_validate'), job),
        validateDetector: detector => request(client, 'POST', path('_validate/detector'), detector),
        open: id => request(client, 'POST', `${path(id)}/_open`),
        delete: id => request(client, 'DELETE', path(id)),
        createByTheOldPath: oldPath
      }
    }
    const named = id => hasBody ? { jobId: id } : { job_id: id }
    return {
      create: (id, job) => client.ml.putJob({ ...named(id), ...shape.body(job) }, whole),
      get: id => client.ml.getJobs(named(id), whole),
      list: () => client.ml.getJobs({}, whole),
      update: (id, change) => client.ml.updateJob({ ...named(id), ...shape.body(change) }, whole),
      validate: job => client.ml.validate(shape.body(job), whole),
      validateDetector: detector => client.ml.validateDetector(hasBody ? { body: detector } : { detector }, whole),
      open: id => client.ml.openJob(named(id), whole),
      delete: id => client.ml.deleteJob(named(id), whole),
      createByTheOldPath: oldPath
    }
  }

  // Whether a client that asks the cluster for its nodes goes to this address from then on.
  const goesTo = async (url, address) => {
    const client = connect(url)
    const options = { reason: 'a test', context: null }
    if (hasBody) {
      await promisify(client.transport.sniff.bind(client.transport))(options)
    } else {
      await new Promise((resolve, reject) => {
        client.diagnostic.once('sniff', error => error ? reject(error) : resolve())
        client.transport.sniff(options)
      })
    }
    return client.connectionPool.connections.some(connection => connection.url.host === address)
  }

  return { connect, whole, shape, request, jobs, goesTo }
}

module.exports = { load }
