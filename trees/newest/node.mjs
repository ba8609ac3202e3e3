// What a function does with Node.js's own library and three packages; prints one line for each.
import { createRequire } from 'node:module'
import { createHash, randomUUID, createSign, generateKeyPairSync } from 'node:crypto'
import { gzipSync, brotliCompressSync, gunzipSync } from 'node:zlib'
import { Worker } from 'node:worker_threads'
import { createServer } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { Readable, Writable } from 'node:stream'
import { AsyncLocalStorage } from 'node:async_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { spawnSync } from 'node:child_process'

const require = createRequire('/opt/node_modules/x.js')
const express = require('express')
const { z } = require('zod')
const Ajv = require('ajv')

const served = async () => {
  const app = express()
  app.use(express.json())
  app.get('/hello/:name', (request, response) => response.json({ hello: request.params.name }))
  const server = createServer(app).listen(0)
  await sleep(10)
  try {
    return await (await fetch(`http://127.0.0.1:${server.address().port}/hello/ada`)).text()
  } finally {
    server.closeAllConnections()
    server.close()
  }
}
const worked = () => new Promise((resolve) => {
  new Worker('require("worker_threads").parentPort.postMessage(6 * 7)', { eval: true }).on('message', resolve)
})
const streamed = async () => {
  const parts = []
  await pipeline(Readable.from(['a', 'b']), new Writable({ write (c, _, n) { parts.push(String(c)); n() } }))
  return parts
}
const wasm = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 127, 3, 2, 1, 0, 7, 5, 1, 1, 102, 0, 0, 10, 6, 1, 4, 0, 65, 42, 11])

const features = {
  json: () => JSON.stringify({ a: [1, null] }),
  hash: () => createHash('sha3-256').update('x').digest('hex').slice(0, 8),
  uuid: () => randomUUID().length,
  sign: () => createSign('sha256').update('x').sign(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey).length > 60,
  packed: () => gunzipSync(gzipSync('x')).toString() + brotliCompressSync('x').length,
  express: served,
  worker: worked,
  stream: streamed,
  zod: () => z.object({ a: z.number() }).safeParse({ a: 'x' }).success,
  ajv: () => new Ajv().compile({ type: 'integer' })(1),
  intl: () => new Intl.NumberFormat('de-DE', { style: 'currency', currency: 'EUR' }).format(1234.5) + new Date(0).toLocaleDateString('ja-JP', { timeZone: 'Asia/Tokyo' }),
  wasm: async () => (await WebAssembly.instantiate(wasm)).instance.exports.f(),
  store: () => new AsyncLocalStorage().run(1, () => 'stored'),
  child: () => spawnSync(process.execPath, ['-p', '6*7']).stdout.toString(),
  error: () => { throw new TypeError('raised') }
}
for (const [name, feature] of Object.entries(features)) {
  try {
    console.log(name, await feature())
  } catch (error) {
    console.log(name, error.name, error.message)
  }
}
process.exit(0)
