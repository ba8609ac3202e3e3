// Answers Lambda's events one after the other with what this Node is.
import { execFileSync } from "node:child_process";

const api = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation`;

for (;;) {
  const next = await fetch(`${api}/next`);
  const event = await next.json();
  const child = execFileSync(process.execPath, ["-p", "process.versions.node"], { encoding: "utf8" });
  const answer = { event, node: process.version, child: child.trim(), handler: process.argv[2] };
  const id = next.headers.get("lambda-runtime-aws-request-id");
  await fetch(`${api}/${id}/response`, { method: "POST", body: JSON.stringify(answer) });
}
