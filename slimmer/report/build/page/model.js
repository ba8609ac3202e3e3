// The data of the page as nodes: folders that hold folders and files, every size in bytes.

const VERDICTS = ["kept", "rescued", "linked", "generated", "dropped"]; // as in files.py
const NONE = -1; // a size that was not measured

// What comes in are columns; see columns.py. A folder with nothing but one folder in it is one with it.
function readModel(text) {
  const data = JSON.parse(text);
  const folders = data.folders.name.map((name, id) => ({
    id, name, parent: null, path: "", folders: [], files: [], file: NONE,
  }));
  for (let id = 1; id < folders.length; id++) {
    const folder = folders[id];
    folder.parent = folders[data.folders.parent[id]];
    folder.path = folder.parent.path + folder.name + "/";
    folder.parent.folders.push(folder);
  }
  const files = data.files;
  files.isFile = Uint8Array.from(files.name, (name) => (name.endsWith("/") ? 0 : 1));
  files.node = files.name.map((name, file) => {
    const parent = folders[files.folder[file]];
    const node = { name, parent, path: parent.path + name, folders: [], files: [], file };
    parent.files.push(node);
    return node;
  });
  const root = folders[0];
  root.folders = root.folders.map((folder) => joined(folder, root));
  return { ...data, files, root, count: files.name.length };
}

function joined(folder, parent) {
  while (folder.folders.length === 1 && folder.files.length === 0) {
    const only = folder.folders[0];
    only.name = folder.name + "/" + only.name;
    folder = only;
  }
  folder.parent = parent;
  folder.folders = folder.folders.map((inner) => joined(inner, folder));
  return folder;
}

// Sum up the rows that are shown: `weights` in bytes, `shown` and `matching` as 0 or 1 for each.
// `count` is that of rows, empty folders among them.
function sumUp(node, weights, shown, matching, classes) {
  node.weight = node.count = node.matches = 0;
  node.shares = new Map();
  for (const folder of node.folders) {
    sumUp(folder, weights, shown, matching, classes);
    node.weight += folder.weight;
    node.count += folder.count;
    node.matches += folder.matches;
    for (const [key, share] of folder.shares) add(node.shares, key, share);
  }
  for (const leaf of node.files) {
    leaf.weight = shown[leaf.file] ? Math.max(weights[leaf.file], 0) : 0;
    leaf.count = shown[leaf.file];
    leaf.matches = shown[leaf.file] && matching[leaf.file];
    node.weight += leaf.weight;
    node.count += leaf.count;
    node.matches += leaf.matches;
    add(node.shares, classes[leaf.file], leaf.weight);
  }
}

function add(sums, key, amount) {
  sums.set(key, (sums.get(key) || 0) + amount);
}

// The class that most of the bytes of these nodes are of.
function mainClass(nodes, classes) {
  const sums = new Map();
  for (const node of nodes) {
    if (node.file !== NONE) add(sums, classes[node.file], node.weight);
    else for (const [key, share] of node.shares) add(sums, key, share);
  }
  let best = 0;
  let most = NONE;
  for (const [key, share] of sums) if (share > most) [best, most] = [key, share];
  return best;
}

function filesBelow(node, found = []) {
  for (const folder of node.folders) filesBelow(folder, found);
  for (const leaf of node.files) found.push(leaf.file);
  return found;
}

// The files whose path, component or verdict holds every word; each as 0 or 1.
function matchWords(model, words) {
  const matching = new Uint8Array(model.count).fill(1);
  if (!words.length) return matching;
  model.haystack ||= model.files.node.map((node, file) =>
    [node.path, componentOf(model, file), verdictOf(model, file)].join("\n").toLowerCase());
  model.haystack.forEach((text, file) => {
    matching[file] = words.every((word) => text.includes(word)) ? 1 : 0;
  });
  return matching;
}

const verdictOf = (model, file) => VERDICTS[model.files.verdict[file]];
const componentOf = (model, file) => model.components[model.files.component[file]];

function sizeText(bytes) {
  if (bytes < 0) return "-";
  if (bytes < 1000) return bytes + " B";
  let size = bytes / 1000;
  let unit = 0;
  while (size >= 1000 && unit < 3) [size, unit] = [size / 1000, unit + 1];
  return size.toFixed(1) + " " + ["kB", "MB", "GB", "TB"][unit];
}

const exactText = (bytes) => (bytes < 0 ? "not measured" : bytes.toLocaleString("en-US") + " B");
// "2 files" or, as shipped folders are rows too, "2 files, 1 empty folder".
function rowsText(model, rows) {
  const files = rows.reduce((sum, row) => sum + model.files.isFile[row], 0);
  const folders = rows.length - files;
  return countText(files, "file") + (folders ? ", " + countText(folders, "empty folder") : "");
}

const countText = (count, noun) => count.toLocaleString("en-US") + " " + noun + (count === 1 ? "" : "s");
