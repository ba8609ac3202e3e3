'use strict'
// One request through express to SQLite by Prisma, one picture by sharp, one call of DynamoDB
// that nobody answers.
const http = require('node:http')
const { DynamoDBClient, GetItemCommand } = require('@aws-sdk/client-dynamodb')
const { PrismaLibSQL } = require('@prisma/adapter-libsql')
const { PrismaClient } = require('@prisma/client')
const express = require('express')
const sharp = require('sharp')

const prisma = new PrismaClient({ adapter: new PrismaLibSQL({ url: process.env.NOTES }) })
const app = express()
app.get('/notes', async (request, response) => {
  await prisma.note.deleteMany()
  for (const text of ['one two', 'three']) {
    await prisma.note.create({ data: { text, words: text.split(' ').length } })
  }
  response.json(await prisma.note.findMany({ where: { words: { gt: 1 } }, select: { text: true } }))
})

exports.handler = async () => {
  const server = http.createServer(app).listen(0, '127.0.0.1')
  await new Promise((done) => server.once('listening', done))
  const notes = await (await fetch(`http://127.0.0.1:${server.address().port}/notes`)).json()
  server.close()
  const create = { width: 8, height: 4, channels: 3, background: 'red' }
  const picture = await sharp({ create }).png().toBuffer()
  const client = new DynamoDBClient({
    region: 'eu-west-1',
    endpoint: 'http://127.0.0.1:9',
    maxAttempts: 1,
    credentials: { accessKeyId: 'none', secretAccessKey: 'none' }
  })
  const key = { TableName: 'notes', Key: { id: { S: '1' } } }
  const refused = await client.send(new GetItemCommand(key)).catch((error) => error.code)
  return { notes, width: (await sharp(picture).metadata()).width, refused }
}
