// The map on its canvas, the buttons over it, and the reason of what is pointed at.

function look() {
  const style = getComputedStyle(document.documentElement);
  const value = (name) => style.getPropertyValue(name).trim();
  const pen = document.createElement("canvas").getContext("2d");
  const fill = (colour) => {
    pen.fillStyle = colour;
    const solid = pen.fillStyle;
    return { colour: solid, pale: mix(solid, value("--surface"), 0.8), ink: inkOn(solid) };
  };
  const names = state.colour === "verdict" ? VERDICTS : [...Array(PALETTE).keys(), "rest"];
  const fills = names.map((name) => fill(value("--" + name) || value("--c" + name)));
  const dropped = VERDICTS.indexOf("dropped");
  return {
    surface: value("--surface"), ink: value("--ink"), faint: value("--faint"), hatch: value("--hatch"),
    font: `11px ${value("--sans")}`,
    edges: [value("--edge1"), value("--edge2"), value("--edge3")],
    swatches: fills,
    fill(cell) {
      const nodes = cell.rest || [cell.node];
      const found = fills[mainClass(nodes, classes())];
      const hatched = mainClass(nodes, model.files.verdict) === dropped && nodes[0].file !== NONE;
      const matches = nodes.some((node) => node.matches);
      return matches
        ? { colour: found.colour, ink: found.ink, hatched }
        : { colour: found.pale, ink: value("--faint"), hatched: false };
    },
  };
}

const channels = (colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));

function mix(colour, other, share) {
  const [a, b] = [channels(colour), channels(other)];
  return "rgb(" + a.map((part, at) => Math.round(part + (b[at] - part) * share)).join(",") + ")";
}

// Black or white, whichever has more contrast by WCAG's relative luminance.
function inkOn(colour) {
  const [r, g, b] = channels(colour).map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179 ? "#000000" : "#ffffff";
}

function drawAll() {
  const map = find("map");
  view.width = map.clientWidth;
  view.height = map.clientHeight;
  view.cells = layOut(state.root, view.width, view.height);
  view.look = look();
  drawMap(find("canvas"), view.cells, view.width, view.height, view.look);
  map.dataset.cells = view.cells.length;
  find("spot").hidden = find("tip").hidden = true;
  drawButtons();
}

// One button for each cell of this folder: what the keyboard and screen readers meet.
function drawButtons() {
  const had = find("cells").contains(document.activeElement);
  const tops = view.cells.filter((cell) => cell.depth === 1);
  const buttons = tops.map((cell, place) => {
    const made = element("button", { type: "button", tabindex: place ? -1 : 0, "aria-label": labelOf(model, cell) });
    Object.assign(made.style, { left: cell.x + "px", top: cell.y + "px", width: cell.w + "px", height: cell.h + "px" });
    made.cell = cell;
    return made;
  });
  if (!buttons.length) buttons.push(element("p", { class: "empty" }, emptyWords()));
  find("cells").replaceChildren(...buttons);
  if (had) focusCell(view.cells[0]);
}

function emptyWords() {
  return state.root.count ? "These files have no bytes to draw." : "All of it is hidden: choose a verdict above.";
}

function focusCell(cell) {
  const buttons = [...find("cells").querySelectorAll("button")];
  const wanted = buttons.find((button) => button.cell === cell) || buttons[0];
  for (const button of buttons) button.tabIndex = button === wanted ? 0 : -1;
  wanted?.focus({ preventScroll: true });
}

function zoomTo(node) {
  if (node.file !== NONE || node === state.root) return;
  state.root = node;
  state.picked = null;
  refresh();
}

function goBack() {
  const from = state.root;
  const had = find("cells").contains(document.activeElement);
  if (!from.parent) return;
  zoomTo(from.parent);
  if (had) focusCell(view.cells.find((cell) => cell.depth === 1 && cell.node === from));
}

// Of the folders that stand on one line, the innermost that holds what was clicked.
function innermost(folder, clicked) {
  const way = [];
  for (let at = clicked; at && at !== folder; at = at.parent) way.unshift(at);
  for (const next of way) {
    if (next !== mainOf(folder)) break;
    folder = next;
  }
  return folder;
}

function openCell(cell) {
  if (cell.node.file === NONE && !cell.rest) zoomTo(cell.node);
  else pick(cell.node, cell.rest);
}

const describe = (node, rest, short) =>
  node.file === NONE || rest ? describeFolder(model, node, rest) : describeFile(model, node.file, short);

function explain(node, rest) {
  find("reason").replaceChildren(describe(node, rest));
}

function pick(node, rest) {
  state.picked = { node, rest };
  explain(node, rest);
}

function explainPicked() {
  find("spot").hidden = find("tip").hidden = true;
  const { node, rest } = state.picked || { node: state.root };
  explain(node, rest);
}

function showTip(event, cell) {
  const tip = find("tip");
  tip.replaceChildren(describe(cell.node, cell.rest, true));
  tip.hidden = false;
  const box = find("map").getBoundingClientRect();
  const [x, y] = [event.clientX - box.left, event.clientY - box.top];
  const left = x + 14 + tip.offsetWidth > box.width ? x - tip.offsetWidth - 14 : x + 14;
  const top = y + 14 + tip.offsetHeight > box.height ? y - tip.offsetHeight - 14 : y + 14;
  tip.style.left = Math.max(0, left) + "px";
  tip.style.top = Math.max(-box.top, top) + "px";
}

function spot(node) {
  let cell;
  for (let at = node; at && !cell; at = at.parent) {
    cell = view.cells.find((c) => (c.node === at && !c.rest) || c.rest?.includes(at));
  }
  find("spot").hidden = !cell;
  if (cell) frame(cell);
}

function frame(cell) {
  Object.assign(find("spot").style, {
    left: cell.x + "px", top: cell.y + "px", width: cell.w + "px", height: cell.h + "px",
  });
}
