// A function that does one small thing for each name that it is asked for.
"use strict";
const { execFileSync } = require("node:child_process");
const crypto = require("node:crypto");
const fs = require("node:fs");
const http = require("node:http");
const tls = require("node:tls");
const { Worker } = require("node:worker_threads");
const zlib = require("node:zlib");
const { GetObjectCommand, S3Client } = require("@aws-sdk/client-s3");
const { getSignedUrl } = require("@aws-sdk/s3-request-presigner");
const express = require("express");
const lodash = require("lodash");
const { z } = require("zod");

const app = express();
app.use(express.json());
app.post("/orders", (ask, answer) => {
  const order = z.object({ name: z.string(), size: z.number() }).safeParse(ask.body);
  if (!order.success) return answer.status(422).json(order.error.issues.map((one) => one.path));
  answer.json({ name: order.data.name, twice: order.data.size * 2 });
});

async function asked(body) {
  const server = http.createServer(app).listen(0, "127.0.0.1");
  await new Promise((done) => server.once("listening", done));
  const url = `http://127.0.0.1:${server.address().port}/orders`;
  const headers = { "content-type": "application/json", connection: "close" };
  const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  const found = [answer.status, await answer.json()];
  server.close();
  return found;
}

const credentials = { accessKeyId: "A", secretAccessKey: "S" };
const moment = new Date("2026-07-01T12:00:00Z");
const FEATURES = {
  route: () => asked({ name: "tea", size: 2 }),
  invalid: () => asked({ name: "tea" }),
  presigned: async () => {
    const s3 = new S3Client({ region: "eu-central-1", credentials });
    const url = await getSignedUrl(s3, new GetObjectCommand({ Bucket: "b", Key: "k" }));
    return url.split("?")[0];
  },
  groups: () => lodash.groupBy(["tea", "coffee", "tin"], (name) => name[0]),
  dates: () => new Intl.DateTimeFormat("de-DE", { dateStyle: "full", timeZone: "UTC" }).format(moment),
  zones: () => moment.toLocaleString("en-US", { timeZone: "Asia/Tokyo" }),
  hash: () => crypto.createHash("sha256").update("tea").digest("hex"),
  gzip: () => zlib.gunzipSync(zlib.gzipSync("squeezed")).toString(),
  worker: () =>
    new Promise((done, failed) => {
      const code = "require('node:worker_threads').parentPort.postMessage(6 * 7)";
      new Worker(code, { eval: true }).once("message", done).once("error", failed);
    }),
  process: () => execFileSync("sh", ["-c", "echo one | tr a-z A-Z"]).toString(),
  files: () => {
    fs.writeFileSync("/tmp/file", "written");
    return fs.readFileSync("/tmp/file", "utf8");
  },
  url: () => new URL("https://bücher.example/a?b=1").href,
  tls: () => tls.rootCertificates.length > 100,
  log: () => {
    console.error("a line for the log");
    return "logged";
  },
  raise: () => {
    throw new TypeError("as asked");
  },
};

exports.handler = async (event) => FEATURES[event.feature]();
