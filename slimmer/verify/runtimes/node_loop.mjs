// Runs a Node.js function as AWS's runtime client for Node.js does: up to Node.js 22 as its version
// 3, whose handlers may call back, and after that as its version 4, whose handlers may not.
// A handler is a function of _HANDLER below LAMBDA_TASK_ROOT, CommonJS or an ES module, and may be
// one that streams (awslambda.streamifyResponse).
import { existsSync, readFileSync } from "node:fs";
import http from "node:http";
import { createRequire } from "node:module";
import net from "node:net";
import path from "node:path";

const { AWS_LAMBDA_RUNTIME_API, LAMBDA_TASK_ROOT, _HANDLER } = process.env;
const CALLS_BACK = Number(process.versions.node.split(".")[0]) <= 22;
const STREAMS = Symbol.for("aws.lambda.runtime.handler.streaming");
const WATER_MARK = Symbol.for("aws.lambda.runtime.handler.streaming.highWaterMark");
const [hostname, port] = AWS_LAMBDA_RUNTIME_API.split(":");
const agent = new http.Agent({ keepAlive: true });
const require = createRequire(import.meta.url);

let current; // the id of the event that is worked on
let streaming; // the request of its stream, if there is one
let dying = false; // whether the process ends, and nothing else is answered
let whenIdle = () => {}; // what is to be done once nothing is left to wait for
process.on("beforeExit", () => whenIdle());

// --- errors ---

class Named extends Error {
  constructor(name, message, stack) {
    super(message);
    this.name = `Runtime.${name}`;
    if (stack) this.stack = stack;
  }
}

const clean = (text) => text?.replaceAll("\x7F", "%7F");

function described(error) {
  try {
    const isLike = CALLS_BACK && error.name && error.message && error.stack;
    if (error instanceof Error || isLike) {
      const trace = clean(error.stack)?.split("\n") ?? [];
      return { errorType: clean(error.name), errorMessage: clean(error.message), trace };
    }
    return { errorType: typeof error, errorMessage: CALLS_BACK ? error.toString() : String(error), trace: [] };
  } catch {
    const what = "there was a problem while retrieving one or more of its message, name, and stack";
    return { errorType: "handled", errorMessage: `callback called with Error argument, but ${what}` };
  }
}

// --- the Runtime API ---

function request(method, way, body, headers = {}) {
  return new Promise((resolve, reject) => {
    const options = { hostname, port, method, agent, headers, path: `/2018-06-01/runtime${way}` };
    const sent = http.request(options, (reply) => {
      const parts = [];
      reply.on("data", (part) => parts.push(part));
      reply.on("error", reject);
      reply.on("end", () => {
        const text = Buffer.concat(parts).toString();
        if (reply.statusCode < 300 || method === "POST") resolve({ headers: reply.headers, text });
        else reject(new Error(`${method} ${way}: ${reply.statusCode} ${text}`));
      });
    });
    sent.on("error", reject);
    if (body !== undefined) sent.setHeader("Content-Length", Buffer.byteLength(body));
    sent.end(body);
  });
}

function serialized(value) {
  let text;
  try {
    text = JSON.stringify(value === undefined ? null : value);
  } catch {
    const message = "Unable to stringify response body";
    throw CALLS_BACK ? new Error(message) : new Named("JSONStringifyError", message);
  }
  if (text === undefined) throw new TypeError("Wrong arguments"); // a function
  return text;
}

// What the client logs of what is no error; this throws for what is no text either.
const logged = (error) => (error instanceof Error ? error : CALLS_BACK ? new Error(error) : String(error));

function fail(error) {
  console.error("Invoke Error", logged(error));
  const headers = { "Content-Type": "application/json" };
  const body = JSON.stringify(described(error));
  return request("POST", `/invocation/${current}/error`, body, headers);
}

async function failInit(error) {
  console.error("Init Error", error);
  const said = described(error);
  const headers = { "Lambda-Runtime-Function-Error-Type": said.errorType };
  await request("POST", "/init/error", JSON.stringify(said), headers).catch(() => undefined);
}

function respond(value) {
  if (dying) return new Promise(() => {});
  const headers = { "Content-Type": "application/json" };
  return request("POST", `/invocation/${current}/response`, serialized(value), headers);
}

// --- the handler ---

async function load() {
  if (_HANDLER.includes("..")) {
    const advice = "Use absolute paths when specifying root directories in handler names.";
    throw new Named(
      "MalformedHandlerName",
      `'${_HANDLER}' is not a valid handler name. ${advice}`,
    );
  }
  const base = path.basename(_HANDLER);
  const split = /^([^.]*)\.(.*)$/.exec(base);
  if (!split) throw new Named("MalformedHandlerName", "Bad handler");
  const root = _HANDLER.slice(0, _HANDLER.indexOf(base));
  let module;
  try {
    module = await (CALLS_BACK ? load3 : load4)(root, split[1]);
  } catch (error) {
    if (error instanceof SyntaxError) {
      throw new Named("UserCodeSyntaxError", String(error), error.stack);
    }
    if (error?.code === "MODULE_NOT_FOUND") throw new Named("ImportModuleError", String(error));
    throw error;
  }
  let handler = within(module, split[2]);
  if (!handler && !CALLS_BACK) handler = within(module?.default, split[2]);
  if (!handler) throw new Named("HandlerNotFound", `${_HANDLER} is undefined or not exported`);
  if (typeof handler !== "function") {
    throw new Named("HandlerNotFound", `${_HANDLER} is not a function`);
  }
  if (handler[STREAMS] && handler[STREAMS] !== "response") {
    throw new Named("MalformedStreamingHandler", "Only response streaming is supported.");
  }
  if (!CALLS_BACK && handler.length >= 3 && !handler[STREAMS]) {
    const what = "handlers with a callback are not supported since Node.js 24";
    throw new Named("CallbackHandlerDeprecated", `ERROR: ${what}; write an async handler`);
  }
  return handler;
}

// Version 4 of the client looks into objects alone, and so finds no method of a class.
const isLooked = (found) => CALLS_BACK || typeof found === "object";
const within = (module, name) =>
  name.split(".").reduce((found, key) => (isLooked(found) ? found?.[key] : undefined), module);

async function load3(root, name) {
  const stem = path.resolve(LAMBDA_TASK_ROOT, root, name);
  const isModule = existsSync(`${stem}.js`) && inModule(path.dirname(stem));
  const required = (end) => (existsSync(stem + end) ? require(stem + end) : undefined);
  const imported = (end) => (existsSync(stem + end) ? import(stem + end) : undefined);
  return (
    required("") ||
    (isModule ? await imported(".js") : required(".js")) ||
    (await imported(".mjs")) ||
    required(".cjs") ||
    require(require.resolve(name, { paths: [LAMBDA_TASK_ROOT, root] }))
  );
}

async function load4(root, name) {
  const stem = path.resolve(LAMBDA_TASK_ROOT, root, name);
  for (const end of ["", ".js", ".mjs", ".cjs"]) {
    if (existsSync(stem + end)) return import(stem + end);
  }
  const paths = [LAMBDA_TASK_ROOT, path.join(LAMBDA_TASK_ROOT, root)];
  return require(require.resolve(name, { paths }));
}

// Whether package.json says that the .js files of a folder are ES modules.
function inModule(folder) {
  if (folder.endsWith("/node_modules")) return false;
  const manifest = path.join(folder, "package.json");
  if (existsSync(manifest)) {
    try {
      return JSON.parse(readFileSync(manifest, "utf8"))?.type === "module";
    } catch {
      return false;
    }
  }
  return folder !== "/" && inModule(path.resolve(folder, ".."));
}

// --- what a handler is given ---

function contextOf(headers) {
  const deadline = Number(headers["lambda-runtime-deadline-ms"]);
  const parsed = (name) => (headers[name] === undefined ? undefined : JSON.parse(headers[name]));
  const trace = headers["lambda-runtime-trace-id"];
  if (trace) process.env._X_AMZN_TRACE_ID = trace;
  else delete process.env._X_AMZN_TRACE_ID;
  return {
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: parsed("lambda-runtime-client-context"),
    identity: parsed("lambda-runtime-cognito-identity"),
    invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
    awsRequestId: headers["lambda-runtime-aws-request-id"],
    tenantId: headers["lambda-runtime-aws-tenant-id"],
    ...(CALLS_BACK ? {} : { xRayTraceId: trace }),
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
}

// --- a plain event ---

// Resolves once the event is answered and the next may be asked for.
function answered(runtime, event, given) {
  return new Promise((resolve) => {
    let waits = true;
    let over = false;
    const report = (error) => {
      try {
        fail(error).then(resolve);
      } catch (wrong) {
        fail(wrong).then(resolve);
      }
    };
    const complete = (value) => {
      try {
        respond(value).then(resolve);
      } catch (error) {
        report(error);
      }
    };
    const once = (act) => (...values) => {
      if (over) return;
      over = true;
      whenIdle = () => {};
      act(...values);
    };
    const ends = (error, value) => (error === undefined || error === null ? complete(value) : report(error));
    const callback = once((error, value) => {
      if (waits && (error === undefined || error === null)) {
        whenIdle = () => {
          whenIdle = () => {};
          setImmediate(complete, value);
        };
      } else ends(error, value);
    });
    whenIdle = once(() => complete(null)); // it neither promised nor called back
    const context = {
      get callbackWaitsForEmptyEventLoop() {
        return waits;
      },
      set callbackWaitsForEmptyEventLoop(value) {
        waits = value;
      },
      succeed: once((value) => complete(value)),
      fail: once((error) => report(error ?? "handled")),
      done: once(ends),
    };
    try {
      const result = runtime.handler(event, Object.assign(context, given), callback);
      if (typeof result?.then === "function") result.then(context.succeed, context.fail);
    } catch (error) {
      callback(error);
    }
  });
}

async function answered4(runtime, event, given) {
  try {
    await respond(await runtime.handler(event, given));
  } catch (error) {
    await fail(error);
  }
}

// --- a streamed answer ---

class HttpResponseStream {
  // The stream, with a head before its first byte: JSON, and eight zero bytes.
  static from(stream, head) {
    stream.setContentType("application/vnd.awslambda.http-integration-response");
    const text = JSON.stringify(head);
    stream._onBeforeFirstWrite = (write) => {
      write(text);
      write(new Uint8Array(8));
    };
    return stream;
  }
}

const METHODS =
  "cork destroy end uncork write addListener emit eventNames getMaxListeners listenerCount listeners " +
  "off on once prependListener prependOnceListener rawListeners removeAllListeners removeListener " +
  "setMaxListeners setContentType";
const PROPERTIES =
  "destroyed writable _onBeforeFirstWrite writableFinished writableObjectMode writableBuffer " +
  "writableEnded writableNeedDrain writableHighWaterMark writableCorked writableLength";

function opened(highWaterMark) {
  const headers = {
    "Lambda-Runtime-Function-Response-Mode": "streaming",
    Trailer: ["Lambda-Runtime-Function-Error-Type", "Lambda-Runtime-Function-Error-Body"],
    "Content-Type": "application/octet-stream",
    "Transfer-Encoding": "chunked",
  };
  const way = `/2018-06-01/runtime/invocation/${current}/response`;
  const agent = new http.Agent({ keepAlive: true });
  agent.createConnection = (options, listener) =>
    net.createConnection({ ...options, highWaterMark }, listener);
  const sent = http.request({ hostname, port, method: "POST", agent, headers, path: way });
  streaming = sent;
  const done = new Promise((resolve, reject) => {
    sent.on("error", reject);
    sent.on("response", (reply) => reply.on("end", resolve).on("error", reject).resume());
  });
  done.catch(() => undefined);
  // Nobody holds this one in the client either: a stream that breaks ends the process.
  new Promise((resolve, reject) => sent.on("response", resolve).on("error", reject));
  let began = false;
  const write = sent.write.bind(sent);
  sent.setContentType = (type) => {
    if (began) throw new Named("InvalidStreamingOperation", "Cannot set content-type, too late.");
    sent.setHeader("Content-Type", type);
  };
  sent.write = (chunk, encoding, callback) => {
    const isText = typeof chunk === "string" || chunk instanceof Uint8Array;
    if (!began && typeof sent._onBeforeFirstWrite === "function") sent._onBeforeFirstWrite(write);
    began = true;
    return write(isText ? chunk : JSON.stringify(chunk), encoding, callback);
  };
  if (CALLS_BACK) {
    const end = sent.end.bind(sent);
    sent.end = (callback) => end(callback);
  }
  const stream = {};
  for (const name of METHODS.split(" ")) stream[name] = sent[name].bind(sent);
  for (const name of PROPERTIES.split(" ")) {
    Object.defineProperty(stream, name, { get: () => sent[name], set: (value) => (sent[name] = value) });
  }
  const give = (error) => {
    console.error("Invoke Error", error);
    const said = described(error);
    sent.addTrailers({
      "Lambda-Runtime-Function-Error-Type": said.errorType,
      "Lambda-Runtime-Function-Error-Body": Buffer.from(JSON.stringify(said)).toString("base64"),
    });
    sent.end();
    return done.catch(() => undefined);
  };
  return { stream, done, give };
}

async function streamed(runtime, event, given) {
  const { stream, done, give } = opened(runtime.handler[WATER_MARK]);
  let waits = CALLS_BACK;
  const context = {};
  if (CALLS_BACK) {
    const set = (value) => (waits = value);
    Object.defineProperty(context, "callbackWaitsForEmptyEventLoop", {
      get: () => waits,
      set,
      enumerable: true,
    });
  }
  try {
    const result = runtime.handler(event, stream, Object.assign(context, given));
    const wrong = (text) => (CALLS_BACK ? text : new Error(text));
    if (typeof result?.then !== "function") {
      throw wrong("Streaming does not support non-async handlers.");
    }
    if ((await result) !== undefined) console.warn("Streaming handlers ignore return values.");
    await done;
    if (!stream.writableFinished) throw wrong("Response stream is not finished.");
  } catch (error) {
    await give(error);
  }
  if (waits) {
    await new Promise((resolve) => {
      whenIdle = () => {
        whenIdle = () => {};
        setImmediate(resolve);
      };
    });
  }
}

// --- the loop ---

// What a call stores by AsyncLocalStorage ends with it, as in version 4 of the client: who awaits
// this goes on in the context that was before.
async function apart(answer, ...given) {
  await undefined;
  return answer(...given);
}

if (!["1", "true"].includes(process.env.AWS_LAMBDA_NODEJS_NO_GLOBAL_AWSLAMBDA)) {
  globalThis.awslambda = {
    ...globalThis.awslambda,
    streamifyResponse: (handler, options) => {
      handler[STREAMS] = "response";
      if (typeof options?.highWaterMark === "number") {
        handler[WATER_MARK] = Math.trunc(options.highWaterMark);
      }
      return handler;
    },
    HttpResponseStream,
  };
}

// The client waits for the answer to an error while nothing else goes on in the process.
async function die(error, code) {
  if (dying) return;
  dying = true;
  if (streaming?.socket?.connecting ?? true) streaming?.destroy();
  if (current) await fail(error).catch(() => undefined);
  else await failInit(error);
  process.exit(code);
}

if (CALLS_BACK) {
  process.on("uncaughtException", (error) => die(error, 129));
  process.on("unhandledRejection", (reason) => {
    const isKnown = reason instanceof Error && reason.name.startsWith("Runtime.") && !current;
    die(isKnown ? reason : new Named("UnhandledPromiseRejection", String(reason)), 128);
  });
}

async function main() {
  let handler;
  try {
    handler = await load();
  } catch (error) {
    await failInit(error);
    process.exit(CALLS_BACK ? 129 : 1);
  }
  const runtime = { handler }; // which a handler is a method of, so what `this` is in it
  const answer = handler[STREAMS] ? streamed : CALLS_BACK ? answered : answered4;
  for (;;) {
    await new Promise(setImmediate); // what was rejected meanwhile is said before, as by the client
    const { headers, text } = await request("GET", "/invocation/next");
    current = headers["lambda-runtime-aws-request-id"];
    const event = JSON.parse(text);
    const given = contextOf(headers);
    await (CALLS_BACK ? answer(runtime, event, given) : apart(answer, runtime, event, given));
  }
}

const run = main();
if (CALLS_BACK) await run; // which makes Node.js say so where it ends before
