// Uses (use_), wrong uses (bad_) and features beside (new_) of the libraries, one an event.
import { createServer } from "node:http";
import { once } from "node:events";
import * as s3 from "@aws-sdk/client-s3";
import express from "express";
import sharp from "sharp";

const pixels = Buffer.from(Array.from({ length: 48 }, (_, place) => (place * 5) % 256));
const raw = { width: 4, height: 4, channels: 3 };
const image = () => sharp(pixels, { raw });

async function asked(server, ask) {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    return await ask(`http://127.0.0.1:${server.address().port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

async function site(path, options, use = () => {}) {
  const app = express();
  use(app);
  app.use(express.json());
  app.get("/hello/:name", (request, response) => response.send(`Hello, ${request.params.name}`));
  app.post("/sum", (request, response) => response.json({ sum: request.body.a + request.body.b }));
  app.get("/broken", () => { throw new Error("on purpose"); });
  return asked(createServer(app), async (at) => {
    const answer = await fetch(`${at}${path}`, options);
    return [answer.status, answer.headers.get("content-type"), (await answer.text()).split("<br>")[0]];
  });
}

const post = (body, type = "application/json") =>
  ({ method: "POST", headers: { "content-type": type }, body });

async function bucket(command, body = "", status = 200, more = {}) {
  const server = createServer(async (request, response) => {
    await request.toArray();
    response.statusCode = status;
    response.end(body);
  });
  return asked(server, async (endpoint) => {
    const client = new s3.S3Client({
      credentials: { accessKeyId: "key", secretAccessKey: "secret" },
      endpoint, forcePathStyle: true, region: "eu-central-1", maxAttempts: 1, ...more,
    });
    try {
      return await command(client);
    } finally {
      client.destroy();
    }
  });
}

const where = { Bucket: "bucket", Key: "key" };
const got = (client) => client.send(new s3.GetObjectCommand(where)).then((a) => a.Body.transformToString());
const listing = '<?xml version="1.0"?><ListBucketResult><KeyCount>1</KeyCount><Contents><Key>k</Key></Contents></ListBucketResult>';

const probes = {
  use_page: () => site("/hello/you"),
  use_sum: () => site("/sum", post('{"a": 2, "b": 40}')),
  use_bucket: () => bucket(got, "kept"),
  use_image: async () => [...await image().resize(2, 2, { kernel: "nearest" }).png().toBuffer()].length,

  bad_json: () => site("/sum", post("{broken")),
  bad_path: () => site("/nowhere"),
  bad_code: () => site("/broken"),
  bad_length: () => site("/sum", post(JSON.stringify("x".repeat(200000)))),
  bad_image: () => sharp(Buffer.from("no image")).png().toBuffer(),
  bad_size: () => image().resize(-1).png().toBuffer(),
  bad_format: () => image().toFormat("nothing").toBuffer(),
  bad_key: () => bucket((client) => client.send(new s3.GetObjectCommand({ Bucket: "bucket" }))),
  bad_object: () => bucket(got, "<Error><Code>NoSuchKey</Code><Message>none</Message></Error>", 404),
  bad_host: () => bucket(got, "", 200, { endpoint: "http://127.0.0.1:1" }),

  new_static: () => site("/probe.mjs", {}, (app) => app.use(express.static(import.meta.dirname))).then((a) => a[1]),
  new_form: () => site("/sum", post("a=1&b=2", "application/x-www-form-urlencoded"), (app) => app.use(express.urlencoded({ extended: true }))),
  new_list: () => bucket((client) => client.send(new s3.ListObjectsV2Command({ Bucket: "b" })).then((a) => a.Contents), listing),
  new_pages: () => bucket(async (client) => {
    let count = 0;
    for await (const page of s3.paginateListObjectsV2({ client }, { Bucket: "b" })) count += page.KeyCount;
    return count;
  }, listing),
  new_profile: () => bucket(got, "kept", 200, { credentials: undefined, profile: "nobody" }),
  new_avif: async () => (await sharp(await image().avif().toBuffer()).metadata()).compression,
  new_gif: async () => (await sharp(await image().gif().toBuffer()).metadata()).format,
  new_svg: async () => (await sharp(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"/>')).metadata()).format,
  new_compiler: async () => (await import("typescript")).default.transpile("let a: number = 1;"),
  new_view: () => site("/view", {}, (app) => app.get("/view", (_, response) => response.render("none.pug"))),
};

export const handler = (event) => probes[event.do]();
