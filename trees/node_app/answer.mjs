// Does with each library what a function would, and answers what came of it.
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { once } from "node:events";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import express from "express";
import sharp from "sharp";

async function listening(server) {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${server.address().port}`;
}

async function routes(name) {
  const app = express();
  app.use(express.json());
  app.get("/hello/:name", (request, response) => response.send(`Hello, ${request.params.name}`));
  app.post("/sum", (request, response) => response.json({ sum: request.body.a + request.body.b }));
  app.get("/broken", () => { throw new Error("on purpose"); });
  const server = createServer(app);
  const at = await listening(server);
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify({ a: 2, b: 40 });
  const answers = [
    await fetch(`${at}/hello/${name}?a[b]=c`),
    await fetch(`${at}/sum`, { method: "POST", headers, body }),
    await fetch(`${at}/nowhere`),
    await fetch(`${at}/broken`),
  ];
  const said = [];
  for (const answer of answers) {
    const text = await answer.text();
    said.push([answer.status, answer.headers.get("content-type"), text.split("<br>")[0]]);
  }
  server.close();
  return said;
}

async function bucket() {
  const seen = [];
  const server = createServer(async (request, response) => {
    const chunks = await request.toArray();
    const signed = /Credential=([^/]+).*SignedHeaders=([^,]+), Signature=([0-9a-f]{64})/;
    const [, key, headers] = signed.exec(request.headers.authorization);
    seen.push([request.method, request.url, key, headers, Buffer.concat(chunks).toString()]);
    if (request.method === "GET") response.setHeader("content-length", 4);
    response.end(request.method === "GET" ? "kept" : "");
  });
  const client = new S3Client({
    credentials: { accessKeyId: "key", secretAccessKey: "secret" },
    endpoint: await listening(server),
    forcePathStyle: true,
    region: "eu-central-1",
  });
  const where = { Bucket: "bucket", Key: "a/key with spaces" };
  await client.send(new PutObjectCommand({ ...where, Body: "some bytes" }));
  const got = await client.send(new GetObjectCommand(where));
  seen.push(await got.Body.transformToString());
  client.destroy();
  server.close();
  return seen;
}

async function image() {
  const raw = { width: 4, height: 4, channels: 3 };
  const pixels = Buffer.from(Array.from({ length: 48 }, (_, place) => (place * 5) % 256));
  const png = await sharp(pixels, { raw }).resize(2, 2, { kernel: "nearest" }).png().toBuffer();
  const webp = await sharp(png).webp({ lossless: true }).toBuffer();
  const { data, info } = await sharp(webp).raw().toBuffer({ resolveWithObject: true });
  const { format, width, height } = await sharp(png).metadata();
  return [format, width, height, [...data], info.channels];
}

const required = createRequire(import.meta.url)("@aws-sdk/client-s3").S3Client === S3Client;

export async function handler(event) {
  return {
    routes: await routes(event.name), bucket: await bucket(), image: await image(), required,
  };
}
