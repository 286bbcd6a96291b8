// What every client does, in JavaScript: script.js PACKAGE URL URL-OF-A-TROUBLED-UPSTREAM FILE-OF-JOBS

'use strict'

const { readFileSync } = require('node:fs')
const { load } = require('./client')
const { step } = require('./transcript')

const INDEX = 'clients'
const MEGABYTES = 4

const [, , name, url, unavailable, jobs] = process.argv
const { connect, whole, shape, request, jobs: jobsOf, goesTo } = load(name)

const range = count => [...Array(count).keys()]

const documents = count => range(count).map(number => ({ number, group: `g${number % 3}`, text: `the text of ${number}` }))

const bulkOf = (values, index = INDEX) =>
  shape.operations(values.flatMap((value, number) => [{ index: { _index: index, _id: `${number}` } }, value]))

const search = {
  query: { range: { number: { gte: 3 } } },
  sort: [{ number: 'desc' }],
  aggs: { groups: { terms: { field: 'group.keyword' } } }
}

async function createJobs (client) {
  const { complete, invalid, deprecated } = JSON.parse(readFileSync(jobs, 'utf8'))
  const api = jobsOf(client)
  await step('create job', () => api.create('complete', complete))
  await step('create job again', () => api.create('complete', complete))
  await step('create invalid job', () => api.create('invalid', invalid))
  await step('create deprecated job', () => api.create('deprecated', deprecated))
  await step('create job by the old path', () => api.createByTheOldPath('old', complete))
  await step('get job', () => api.get('complete'))
  await step('open job', () => api.open('complete'))
  await step('delete job', () => api.delete('complete'))
}

async function writeAndRead (client) {
  const settings = shape.body({ settings: { number_of_shards: 1, number_of_replicas: 0 } })
  await step('create index', () => client.indices.create({ index: INDEX, ...settings }, whole))
  await step('create index again', () => client.indices.create({ index: INDEX, ...settings }, whole))
  const put = (id, value) => client.index({ index: INDEX, id, ...shape.document(value) }, whole)
  await step('index', () => put('é/ü', { number: -1, group: 'é' }))
  const create = () => client.create({ index: INDEX, id: '0', ...shape.document({ number: 0 }) }, whole)
  await step('create document', create)
  await step('create document again', create)
  await step('get', () => client.get({ index: INDEX, id: 'é/ü' }, whole))
  await step('get of none', () => client.get({ index: INDEX, id: 'none' }, whole))
  await step('exists', () => client.exists({ index: INDEX, id: '0' }, whole))
  await step('exists of none', () => client.exists({ index: INDEX, id: 'none' }, whole))
  await step('bulk', () => client.bulk({ refresh: true, ...bulkOf(documents(20)) }, whole))
  const find = (index, body) => client.search({ index, ...shape.body(body) }, whole)
  await step('search', () => find(INDEX, search))
  await step('search with a mistake', () => find(INDEX, { query: { no_such_query: {} } }))
  await step('search in no index', () => find('none', search))
  await step('count', () => client.count({ index: INDEX }, whole))
}

async function scroll (client) {
  const first = shape.body({ size: 8, sort: ['_doc'] })
  let page = await step('scroll, first page', () => client.search({ index: INDEX, scroll: '1m', ...first }, whole))
  for (const number of ['second', 'third', 'last']) {
    const scrolled = shape.body({ scroll_id: page.body._scroll_id, scroll: '1m' })
    page = await step(`scroll, ${number} page`, () => client.scroll(scrolled, whole))
  }
  const cleared = shape.body({ scroll_id: page.body._scroll_id })
  await step('clear scroll', () => client.clearScroll(cleared, whole))
}

async function largeBodies (client) {
  const index = `${INDEX}-large`
  const mappings = shape.body({ mappings: { dynamic: false } })
  await step('create index of large documents', () => client.indices.create({ index, ...mappings }, whole))
  const large = shape.document({ number: 1000, unsearched: 'ä'.repeat(MEGABYTES << 19) })
  await step('index large document', () => client.index({ index, id: 'large', ...large }, whole))
  await step('get large document', () => client.get({ index, id: 'large' }, whole))
  const many = bulkOf(range(2000).map(number => ({ number, unsearched: 'x'.repeat(2000) })), index)
  await step('large bulk', () => client.bulk({ refresh: true, filter_path: 'errors,items.*.status', ...many }, whole))
}

async function compressed () {
  const client = connect(url, { compression: 'gzip' })
  await step('compressed bulk', () => client.bulk({ refresh: true, ...bulkOf(documents(200)) }, whole))
  const all = shape.body({ size: 200, sort: [{ number: 'asc' }] })
  await step('compressed search', () => client.search({ index: INDEX, ...all }, whole))
  const text = shape.document({ text: 'x'.repeat(100000) })
  await step('compressed index', () => client.index({ index: INDEX, id: 'gzip', refresh: true, ...text }, whole))
  await step('compressed get', () => client.get({ index: INDEX, id: 'gzip' }, whole))
}

async function look (client) {
  const columns = { v: true, h: 'health,index,pri,rep,docs.count', s: 'index' }
  await step('cat indices', () => client.cat.indices({ index: 'clients*', ...columns }, whole))
  await step('cat count as JSON', () => client.cat.count({ index: INDEX, format: 'json', h: 'count' }, whole))
  await step('health', () => client.cluster.health({ index: INDEX }, whole))
  await step('mapping', () => client.indices.getMapping({ index: INDEX }, whole))
  await step('no such path', () => request(client, 'GET', '/_no/such/path?pretty'))
  const status = '/_cluster/health/clients?filter_path=status'
  await step('opaque id', () => request(client, 'GET', status, undefined, { opaqueId: 'of a client' }))
}

// Each answer is looked at for the product's name (checklist line 107).
async function fiftyCalls (client) {
  const products = {}
  for (let call = 0; call < 50; call++) {
    const answer = await client.count({ index: INDEX }, whole)
    const product = `${answer.statusCode} ${answer.headers['x-elastic-product']}`
    products[product] = (products[product] ?? 0) + 1
  }
  return products
}

async function sniff (client) {
  const answer = await step('nodes', () => client.nodes.info({ node_id: '_all', metric: 'http' }, whole))
  const addresses = Object.values(answer.body.nodes).map(node => node.http.publish_address)
  await step('sniff', () => Promise.all(addresses.map(address => goesTo(url, address))))
}

async function main () {
  const client = connect(url)
  await step('info', () => client.info({}, whole))
  await step('ping', () => client.ping({}, whole))
  await createJobs(client)
  await writeAndRead(client)
  await scroll(client)
  await largeBodies(client)
  await compressed()
  await look(client)
  await step('fifty calls', () => fiftyCalls(client))
  const query = shape.body({ query: { term: { 'group.keyword': 'g1' } } })
  await step('delete by query', () => client.deleteByQuery({ index: INDEX, refresh: true, ...query }, whole))
  await step('delete document', () => client.delete({ index: INDEX, id: '0' }, whole))
  await sniff(client)
  await step('retries', () => connect(unavailable).count({ index: INDEX }, whole))
  await step('delete index', () => client.indices.delete({ index: INDEX }, whole))
}

main().then(() => process.exit(0), error => {
  console.error(error)
  process.exit(1)
})
