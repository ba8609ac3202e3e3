// Resolves every [file, how, name] that a file of JSON lists, and prints what Node finds.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";

const found = JSON.parse(readFileSync(process.argv[2])).map(([file, how, name]) => {
  try {
    if (how === "require") return createRequire(file).resolve(name);
    return fileURLToPath(import.meta.resolve(name, pathToFileURL(file)));
  } catch {
    return "";
  }
});
console.log(JSON.stringify(found));
