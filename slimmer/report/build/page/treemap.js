// Lays nodes out as a squarified treemap (Bruls, Huizing, van Wijk, 2000) and draws it on a canvas.

const LEAST = 3; // pixels; what would be smaller is drawn together
const LEAST_LETTERS = 4; // of a name; with fewer of them it says nothing
const HEADER = 16; // pixels of a folder's own line
const GAP = 2;
const MAIN = 0.9; // of its bytes

// Return the cells of what lies in `root`, those that lie inside others after them.
function layOut(root, width, height) {
  const cells = [];
  const mains = new Set(); // folders that stand on the line of the one around them
  const inside = (node, x, y, w, h, depth, top, named) => {
    const onLineAbove = named || (node !== root && mains.has(node)) ? mainOf(node) : null;
    if (onLineAbove) mains.add(onLineAbove);
    squarify(itemsOf(node, w * h), x, y, w, h, (item, ix, iy, iw, ih) => {
      const cell = { ...item, x: ix, y: iy, w: iw, h: ih, depth, top: null, header: "" };
      cell.top = top || cell;
      cells.push(cell);
      if (item.rest || item.node.file !== NONE || iw < 3 * LEAST || ih < 3 * LEAST) return;
      cell.open = true;
      const named = item.node !== onLineAbove && ih >= 3 * HEADER - 10 && iw >= 56;
      if (named) cell.header = lineOf(item.node);
      const head = named ? HEADER : GAP / 2;
      inside(item.node, ix + GAP, iy + head, iw - 2 * GAP, ih - head - GAP, depth + 1, cell.top, named);
    });
  };
  if (root.weight > 0) inside(root, 0, 0, width, height, 1, null, false);
  return cells;
}

// The folder that nearly all of a folder's bytes are in, or null.
const mainOf = (node) => node.folders.find((inner) => inner.weight >= MAIN * node.weight) || null;

function lineOf(node) {
  let line = node.name + "/";
  for (let inner = mainOf(node); inner; inner = mainOf(inner)) line += inner.name + "/";
  return line;
}

// The children of a folder, the largest first; those too small to be seen are one item together.
function itemsOf(node, area) {
  const children = [...node.folders, ...node.files].filter((child) => child.weight > 0);
  children.sort((a, b) => b.weight - a.weight || (a.name < b.name ? -1 : 1));
  const seen = (LEAST * LEAST * node.weight) / area;
  let end = children.length;
  while (end > 0 && children[end - 1].weight < seen) end--;
  const items = children.slice(0, end).map((child) => ({ node: child, weight: child.weight }));
  const rest = children.slice(end);
  if (rest.length) {
    const weight = rest.reduce((sum, child) => sum + child.weight, 0);
    items.push({ node, rest, weight });
    items.sort((a, b) => b.weight - a.weight);
  }
  return items;
}

function squarify(items, x, y, w, h, place) {
  let left = items.reduce((sum, item) => sum + item.weight, 0);
  let start = 0;
  while (start < items.length && w > 0 && h > 0) {
    const side = Math.min(w, h);
    const scale = (w * h) / left;
    let [end, area, worst] = [start, 0, Infinity];
    for (; end < items.length; end++) {
      const next = area + items[end].weight * scale;
      const [most, least] = [items[start].weight * scale, items[end].weight * scale];
      const ratio = Math.max((side * side * most) / (next * next), (next * next) / (side * side * least));
      if (ratio > worst) break;
      [worst, area] = [ratio, next];
    }
    const thick = area / side;
    let at = 0;
    for (; start < end; start++) {
      const long = (items[start].weight * scale) / thick;
      if (w >= h) place(items[start], x, y + at, thick, long);
      else place(items[start], x + at, y, long, thick);
      at += long;
      left -= items[start].weight;
    }
    if (w >= h) [x, w] = [x + thick, w - thick];
    else [y, h] = [y + thick, h - thick];
  }
}

// `look` has the colours: fills by class, and what is hatched; see page.js.
function drawMap(canvas, cells, width, height, look) {
  const dense = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * dense);
  canvas.height = Math.round(height * dense);
  const pen = canvas.getContext("2d");
  pen.scale(dense, dense);
  pen.fillStyle = look.surface;
  pen.fillRect(0, 0, width, height);
  pen.font = look.font;
  pen.textBaseline = "middle";
  const hatch = hatching(pen, look.hatch);
  for (const cell of cells) {
    const { x, y, w, h } = cell;
    if (cell.open) drawFolder(pen, cell, look);
    else {
      const fill = look.fill(cell);
      const gap = w > 8 && h > 8 ? 1 : 0.5;
      pen.fillStyle = fill.colour;
      pen.fillRect(x, y, w - gap, h - gap);
      if (fill.hatched) {
        pen.fillStyle = hatch;
        pen.fillRect(x, y, w - gap, h - gap);
      }
      const text = cell.rest ? countText(cell.rest.length, "smaller one") : cell.node.name;
      if (w >= 40 && h >= 15) write(pen, text, x + 4, y + Math.min(h / 2, 9), w - 8, fill.ink);
    }
  }
}

function drawFolder(pen, cell, look) {
  const { x, y, w, h } = cell;
  pen.fillStyle = look.edges[Math.min(cell.depth, look.edges.length) - 1];
  pen.fillRect(x, y, w - 1, h - 1);
  if (!cell.header) return;
  const size = sizeText(cell.node.weight);
  const room = pen.measureText(size).width + 14;
  const both = w > room + 50;
  const ink = cell.node.matches ? look.ink : look.faint;
  write(pen, cell.header, x + 4, y + HEADER / 2 + 0.5, w - (both ? room : 6), ink);
  if (both) write(pen, size, x + w - room + 8, y + HEADER / 2 + 0.5, room, look.faint);
}

function write(pen, text, x, y, room, ink) {
  pen.fillStyle = ink;
  let wide = pen.measureText(text).width;
  if (wide > room) {
    let kept = Math.floor((text.length * room) / wide);
    const cut = () => text.slice(0, kept) + "…";
    while (kept > 0 && pen.measureText(cut()).width > room) kept--;
    if (kept < LEAST_LETTERS) return;
    text = cut();
  }
  pen.fillText(text, x, y);
}

function hatching(pen, colour) {
  const tile = document.createElement("canvas");
  tile.width = tile.height = 8;
  const stroke = tile.getContext("2d");
  stroke.strokeStyle = colour;
  stroke.lineWidth = 1;
  stroke.beginPath();
  for (const at of [-8, 0, 8]) {
    stroke.moveTo(at, 8);
    stroke.lineTo(at + 8, 0);
  }
  stroke.stroke();
  return pen.createPattern(tile, "repeat");
}

function cellAt(cells, x, y) {
  for (let place = cells.length - 1; place >= 0; place--) {
    const cell = cells[place];
    if (x >= cell.x && x < cell.x + cell.w && y >= cell.y && y < cell.y + cell.h) return cell;
  }
  return null;
}

// The cell next to this one in the direction of an arrow key: near first, straight before askew.
function neighbour(cells, from, key) {
  const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key];
  let best = null;
  let least = Infinity;
  for (const cell of cells) {
    const away = [cell.x + cell.w / 2 - from.x - from.w / 2, cell.y + cell.h / 2 - from.y - from.h / 2];
    const ahead = away[0] * dx + away[1] * dy;
    const aside = Math.abs(away[0] * dy) + Math.abs(away[1] * dx);
    if (cell === from || ahead <= 0.5) continue;
    const far = ahead + 2 * aside;
    if (far < least) [best, least] = [cell, far];
  }
  return best;
}
