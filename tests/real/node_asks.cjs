// Parses every file that a file of JSON lists with the parser that Node itself carries, and prints
// [how, name, whether it runs when the file is loaded and nothing catches it] for all that each asks.
const { readFileSync } = require("node:fs");
const { parse } = require("internal/deps/acorn/acorn/dist/acorn");

const REQUIRE = /^_*require$/;
const HOLDING = new Set(["ImportDeclaration", "ExportAllDeclaration", "ExportNamedDeclaration"]);

function literal(node) {
  if (node?.type === "Literal" && typeof node.value === "string") return node.value;
  return node?.type === "TemplateLiteral" && !node.expressions.length ? node.quasis[0].value.cooked : null;
}

function asks(node) {
  if (HOLDING.has(node.type)) return ["import", literal(node.source)];
  if (node.type === "ImportExpression") return ["import", literal(node.source)];
  if (node.type !== "CallExpression") return ["", null];
  const { callee } = node;
  const named = callee.type === "MemberExpression" && callee.property.name === "resolve" ? callee.object : callee;
  return REQUIRE.test(named.name) ? ["require", literal(node.arguments[0])] : ["", null];
}

function* children(node) {
  for (const [key, value] of Object.entries(node)) {
    for (const child of Array.isArray(value) ? value : [value]) if (child?.type) yield [key, child];
  }
}

function found(tree) {
  const all = [];
  const todo = [[tree, true, false]];
  while (todo.length) {
    const [node, plain, called] = todo.pop();
    const [how, name] = asks(node);
    if (name !== null) all.push([how, name, plain]);
    const inside = plain && (called || !/Function/.test(node.type));
    for (const [key, child] of children(node)) {
      const caught = node.type === "TryStatement" && key === "block" && node.handler;
      todo.push([child, inside && !caught, node.type === "CallExpression" && key === "callee"]);
    }
  }
  return all;
}

function parsed(source) {
  for (const sourceType of ["module", "script"]) {
    const options = { ecmaVersion: "latest", allowHashBang: true, allowReturnOutsideFunction: true };
    try {
      return parse(source, { ...options, sourceType });
    } catch {}
  }
  return null;
}

const files = JSON.parse(readFileSync(process.argv[2]));
const given = files.map((file) => {
  const tree = parsed(readFileSync(file, "latin1"));
  return tree && found(tree);
});
console.log(JSON.stringify(given));
