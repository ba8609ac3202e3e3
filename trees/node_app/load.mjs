// Loads each entry point that NAMES lists, both ways, and prints what each gives as JSON.
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const given = {};
for (const name of JSON.parse(process.env.NAMES)) {
  const ways = { import: () => import(name), require: async () => require(name) };
  for (const [way, load] of Object.entries(ways)) {
    let found;
    try {
      found = Object.keys(Object(await load())).sort();
    } catch (error) {
      found = String(error.code ?? error.name);
    }
    given[`${way} ${name}`] = found;
  }
}
console.log(JSON.stringify(given));
process.exit();
