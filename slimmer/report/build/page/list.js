// The table beside the map: what its rows say, and in which order.

const table = makeTable(find("scroller"), find("table"), find("rows"), {
  cells: tableCells,
  look(file, isFocus) {
    const node = model.files.node[file];
    if (isFocus) pick(node);
    else explain(node);
    spot(node);
  },
  leave: explainPicked,
  open(file) { zoomTo(model.files.node[file].parent); },
});

function tableCells(file) {
  const { files } = model;
  const node = files.node[file];
  const inside = node.parent.path.slice(state.root.path.length);
  const path = element("span", { class: "path" },
    element("span", { class: "whole" }, ...nameParts(node.name)), element("span", { class: "folder" }, inside));
  const verdict = verdictOf(model, file);
  const component = componentOf(model, file);
  return [
    element("td", { title: node.path }, path, element("span", { class: "why" }, told(file))),
    element("td", {}, element("span", { class: "badge " + verdict }, verdict)),
    element("td", { title: component }, component),
    element("td", {}, sizeText(files.unzipped[file])),
    element("td", {}, sizeText(files.zipped[file])),
  ];
}

// Why a file is as it is; that no rule speaks of a kept one goes without saying.
function told(file) {
  const { why, pattern } = reasonOf(model, file);
  return verdictOf(model, file) === "kept" && !pattern ? "" : why;
}

// A name as two parts, of which the first gives way: what a name ends in tells files apart.
function nameParts(name) {
  const end = name.length > 12 ? name.slice(name.length > 18 ? -10 : -8) : "";
  const parts = [element("span", { class: "name start" }, name.slice(0, name.length - end.length))];
  if (end) parts.push(element("span", { class: "name end" }, end));
  return parts;
}

const SORTS = {
  path: (a, b) => a - b, // the files come in the order of their paths
  verdict: (a, b) => model.files.verdict[a] - model.files.verdict[b],
  component: (a, b) => (componentOf(model, a) < componentOf(model, b) ? -1 : componentOf(model, a) > componentOf(model, b) ? 1 : 0),
  unzipped: (a, b) => model.files.unzipped[a] - model.files.unzipped[b],
  zipped: (a, b) => model.files.zipped[a] - model.files.zipped[b],
};

function drawTable() {
  const { key, down } = state.sort;
  const found = filesBelow(state.root).filter((file) => view.shown[file] && view.matching[file]);
  const turn = down ? -1 : 1;
  found.sort((a, b) => turn * SORTS[key](a, b) || a - b);
  for (const head of find("table").tHead.querySelectorAll("th")) {
    if (head.dataset.key === key) head.setAttribute("aria-sort", down ? "descending" : "ascending");
    else head.removeAttribute("aria-sort");
  }
  table.show(found);
  const bytes = found.reduce((sum, file) => sum + bytesOf(file), 0);
  const told = state.words.length ? "Found " : "";
  find("count").textContent = `${told}${rowsText(model, found)}: ${sizeText(bytes)} ${state.measure}`;
}
