// What a JavaScript client does with a job from its creation to its deletion: life_script.js PACKAGE URL FILE-OF-JOBS

'use strict'

const { readFileSync } = require('node:fs')
const { load } = require('./client')
const { step } = require('./transcript')

const CHANGE = { description: 'changed', groups: ['a-group'] }

const [, , name, url, file] = process.argv
const { connect, jobs: jobsOf } = load(name)

async function main () {
  const { complete, invalid, deprecated } = JSON.parse(readFileSync(file, 'utf8'))
  const api = jobsOf(connect(url))
  await step('validate job', () => api.validate(complete))
  await step('validate invalid job', () => api.validate(invalid))
  await step('validate detector', () => api.validateDetector(complete.analysis_config.detectors[0]))
  await step('validate invalid detector', () => api.validateDetector(invalid.analysis_config.detectors[0]))
  await step('list no jobs', () => api.list())
  await step('create job', () => api.create('complete', complete))
  await step('create another job', () => api.create('deprecated', deprecated))
  await step('get job', () => api.get('complete'))
  await step('list jobs', () => api.list())
  await step('update job', () => api.update('complete', CHANGE))
  await step('get jobs of a group', () => api.get('a-group'))
  await step('update job in vain', () => api.update('complete', { groups: ['deprecated'] }))
  await step('update no job', () => api.update('none', CHANGE))
  await step('open job', () => api.open('complete'))
  await step('delete job', () => api.delete('complete'))
  await step('get deleted job', () => api.get('complete'))
  await step('delete deleted job', () => api.delete('complete'))
  await step('list what is left', () => api.list())
}

main().then(() => process.exit(0), error => {
  console.error(error)
  process.exit(1)
})
