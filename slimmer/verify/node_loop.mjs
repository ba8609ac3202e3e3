// Runs a Node.js function as Lambda's own bootstrap does, as far as its documentation says: the
// handler of _HANDLER from LAMBDA_TASK_ROOT, async or with a callback, CommonJS or ES module; an
// error is posted with its type, message and trace; what nobody caught ends the process.
// Not done: response streaming, and waiting for an empty event loop after a callback.
import { existsSync, readFileSync } from "node:fs";
import http from "node:http";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

const { AWS_LAMBDA_RUNTIME_API, LAMBDA_TASK_ROOT, _HANDLER } = process.env;
const [hostname, port] = AWS_LAMBDA_RUNTIME_API.split(":");
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
let current;

function request(method, way, body, headers = {}) {
  return new Promise((resolve, reject) => {
    const options = { hostname, port, method, agent, headers, path: `/2018-06-01/runtime${way}` };
    const sent = http.request(options, (reply) => {
      const parts = [];
      reply.on("data", (part) => parts.push(part));
      reply.on("error", reject);
      reply.on("end", () => {
        const text = Buffer.concat(parts).toString();
        if (reply.statusCode < 300) resolve({ headers: reply.headers, text });
        else reject(new Error(`${method} ${way}: ${reply.statusCode} ${text}`));
      });
    });
    sent.on("error", reject);
    if (body !== undefined) sent.setHeader("Content-Length", Buffer.byteLength(body));
    sent.end(body);
  });
}

function report(error, type) {
  const known = error instanceof Error;
  return JSON.stringify({
    errorType: type ?? (known ? error.name : typeof error),
    errorMessage: known ? error.message : String(error),
    trace: known ? String(error.stack).split("\n") : [],
  });
}

function fail(way, error, type) {
  console.error(error);
  const headers = { "Lambda-Runtime-Function-Error-Type": "Unhandled" };
  return request("POST", way, report(error, type), headers);
}

async function load() {
  const name = path.basename(_HANDLER);
  const dot = name.indexOf(".");
  if (dot < 1) throw named("Runtime.MalformedHandlerName", `${_HANDLER} is no FILE.FUNCTION`);
  const stem = path.join(LAMBDA_TASK_ROOT, path.dirname(_HANDLER), name.slice(0, dot));
  const file = [".js", ".mjs", ".cjs"].map((end) => stem + end).find((file) => existsSync(file));
  if (!file) throw named("Runtime.ImportModuleError", `${stem}.js, .mjs or .cjs is not there`);
  const module = isEsm(file) ? await import(pathToFileURL(file)) : createRequire(file)(file);
  let found = module;
  for (const part of name.slice(dot + 1).split(".")) found = found?.[part];
  if (typeof found !== "function") {
    throw named("Runtime.HandlerNotFound", `${_HANDLER} is undefined or not exported`);
  }
  return found;
}

function isEsm(file) {
  if (!file.endsWith(".js")) return file.endsWith(".mjs");
  for (let folder = path.dirname(file); ; folder = path.dirname(folder)) {
    const manifest = path.join(folder, "package.json");
    if (existsSync(manifest)) return JSON.parse(readFileSync(manifest, "utf8")).type === "module";
    if (folder === path.dirname(folder)) return false;
  }
}

function named(name, message) {
  return Object.assign(new Error(message), { name });
}

function context(headers) {
  const deadline = Number(headers["lambda-runtime-deadline-ms"]);
  return {
    awsRequestId: headers["lambda-runtime-aws-request-id"],
    callbackWaitsForEmptyEventLoop: true,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    getRemainingTimeInMillis: () => deadline - Date.now(),
    invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
  };
}

function call(handler, event, context) {
  return new Promise((resolve, reject) => {
    const done = (error, value) => (error ? reject(error) : resolve(value));
    const old = { done, fail: reject, succeed: resolve };
    process.once("beforeExit", () => resolve(null)); // it neither promised nor called back
    const result = handler(event, { ...context, ...old }, done);
    if (typeof result?.then === "function") result.then(resolve, reject);
  });
}

async function die(error, type) {
  const way = current ? `/invocation/${current}/error` : "/init/error";
  await fail(way, error, type).catch(() => undefined);
  process.exit(129);
}

process.on("uncaughtException", (error) => die(error));
process.on("unhandledRejection", (error) => die(error, "Runtime.UnhandledPromiseRejection"));

let handler;
try {
  handler = await load();
} catch (error) {
  await die(error);
}
for (;;) {
  const { headers, text } = await request("GET", "/invocation/next");
  current = headers["lambda-runtime-aws-request-id"];
  process.env._X_AMZN_TRACE_ID = headers["lambda-runtime-trace-id"];
  const way = `/invocation/${current}`;
  let answer;
  try {
    answer = JSON.stringify(await call(handler, JSON.parse(text), context(headers))) ?? "null";
  } catch (error) {
    await fail(`${way}/error`, error);
    continue;
  } finally {
    process.removeAllListeners("beforeExit");
  }
  await request("POST", `${way}/response`, answer);
}
