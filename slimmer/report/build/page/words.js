// What there is to say of a file or a folder: in the tooltip, under the map and to screen readers.

function element(tag, attributes = {}, ...inside) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...inside);
  return made;
}

// The reason of a file as one value; `pattern` and `place` are empty where no rule speaks of it.
function reasonOf(model, file) {
  const [why, pattern, place] = model.reasons[model.files.reason[file]];
  return { why, pattern, place, note: model.notes[file] || "" };
}

// All that there is to say of a file; `short` is for a tooltip.
function describeFile(model, file, short) {
  const { files } = model;
  const reason = reasonOf(model, file);
  const verdict = verdictOf(model, file);
  const [before, after] = [files.before[file], files.unzipped[file]];
  const sizes = verdict === "dropped"
    ? `${exactText(before)} in the tree`
    : `${exactText(before)} in the tree, ${exactText(after)} unzipped`;
  const facts = [["Size", sizes]];
  if (files.zipped[file] !== NONE) facts.push(["Zipped", zippedText(files, file, verdict)]);
  facts.push(["Component", componentOf(model, file)]);
  if (short) return card(files.node[file].path, verdict, reason.why, facts);
  if (reason.note) facts.push(["Change", reason.note]);
  if (reason.pattern) facts.push(["Pattern", reason.pattern]);
  if (reason.place) facts.push(["Rule", reason.place]);
  return card(files.node[file].path, verdict, reason.why, facts);
}

// All that a file takes in the zip, or would; its data alone is what `unzip -v` shows.
function zippedText(files, file, verdict) {
  const would = verdict === "dropped" ? "would be " : "";
  return `${would}${exactText(files.zipped[file])}, without headers ${exactText(files.compressed[file])}`;
}

function describeFolder(model, node, rest) {
  const files = rest ? rest.flatMap((n) => (n.file === NONE ? filesBelow(n) : [n.file])) : filesBelow(node);
  const sums = VERDICTS.map(() => [0, 0, 0]);
  for (const file of files) {
    const sum = sums[model.files.verdict[file]];
    sum[0] += model.files.isFile[file];
    sum[1] += Math.max(model.files.unzipped[file], 0);
    sum[2] += Math.max(model.files.zipped[file], 0);
  }
  const facts = [];
  VERDICTS.forEach((verdict, number) => {
    const [count, unzipped, zipped] = sums[number];
    const also = zipped ? `, ${sizeText(zipped)} zipped` : "";
    if (count) facts.push([verdict, `${countText(count, "file")}, ${sizeText(unzipped)} unzipped${also}`]);
  });
  const where = node.path || "Everything";
  const title = rest ? `${countText(rest.length, "smaller one")} in ${where}` : where;
  return card(title, "", "", facts);
}

function card(title, verdict, why, facts) {
  const made = element("div", { class: "card" });
  const head = element("p", { class: "path" }, title);
  if (verdict) head.prepend(element("span", { class: "badge " + verdict }, verdict), " ");
  made.append(head);
  if (why) made.append(element("p", { class: "why" }, why));
  const list = element("dl");
  for (const [name, value] of facts) {
    list.append(element("div", {}, element("dt", {}, name), element("dd", {}, value)));
  }
  made.append(list);
  return made;
}

function labelOf(model, cell) {
  const size = sizeText(cell.weight);
  if (cell.rest) return `${countText(cell.rest.length, "smaller one")}, ${size}`;
  const { node } = cell;
  if (node.file === NONE) return `${node.name}, folder, ${rowsText(model, filesBelow(node))}, ${size}`;
  return `${node.name}, ${verdictOf(model, node.file)}, ${size}. ${reasonOf(model, node.file).why}`;
}
