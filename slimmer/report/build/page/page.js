// What people do, and what it changes.

function refresh() {
  find("table").dataset.measure = state.measure;
  recount();
  drawAll();
  drawLegend();
  drawCrumbs();
  drawTable();
  explainPicked();
}

function listen() {
  const map = find("map");
  const at = (event) => {
    const box = map.getBoundingClientRect();
    return cellAt(view.cells, event.clientX - box.left, event.clientY - box.top);
  };
  map.addEventListener("pointermove", (event) => {
    const cell = at(event);
    if (!cell || event.pointerType === "touch") return;
    explain(cell.node, cell.rest);
    find("spot").hidden = false;
    frame(cell);
    showTip(event, cell);
  });
  map.addEventListener("pointerleave", explainPicked);
  map.addEventListener("click", (event) => {
    const own = event.target.closest("button")?.cell;
    const deepest = event.detail ? at(event) : own; // Enter and screen readers click nowhere
    if (!deepest) return;
    const byKeyboard = !event.detail;
    if (byKeyboard || deepest.top.rest) openCell(deepest.top);
    else openCell({ node: innermost(deepest.top.node, deepest.node) });
    if (byKeyboard && find("cells").firstChild) focusCell(view.cells.find((cell) => cell === deepest) || view.cells[0]);
  });
  map.addEventListener("keydown", (event) => {
    const own = event.target.cell;
    if (!own || !event.key.startsWith("Arrow")) return;
    event.preventDefault();
    const next = neighbour(view.cells.filter((cell) => cell.depth === 1), own, event.key);
    if (next) focusCell(next);
  });
  map.addEventListener("focusin", (event) => event.target.cell && pick(event.target.cell.node, event.target.cell.rest));
  find("search").addEventListener("input", (event) => {
    state.words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
    refresh();
  });
  for (const name of ["measure", "colour"]) {
    for (const radio of document.getElementsByName(name)) {
      radio.addEventListener("change", () => choose(name, radio.value));
    }
  }
  for (const head of find("table").tHead.querySelectorAll("th")) {
    head.firstElementChild.addEventListener("click", () => {
      const { key } = head.dataset;
      const isNumber = key === "unzipped" || key === "zipped";
      state.sort = { key, down: state.sort.key === key ? !state.sort.down : isNumber };
      drawTable();
    });
  }
  document.addEventListener("keydown", onKey);
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  find("theme").addEventListener("click", () => {
    find("dark").media = isDark(dark) ? "not all" : "all";
    nameTheme(dark);
    refresh();
  });
  dark.addEventListener("change", () => { nameTheme(dark); refresh(); });
  nameTheme(dark);
  new ResizeObserver(() => {
    if (map.clientWidth !== view.width || map.clientHeight !== view.height) drawAll();
  }).observe(map);
}

function choose(name, value) {
  if (name === "measure" && state.sort.key === state.measure) state.sort.key = value;
  state[name] = value;
  refresh();
}

function onKey(event) {
  const typing = event.target.matches("input[type=search]");
  if (event.key === "/" && !typing) find("search").focus();
  else if (event.key === "Escape" && typing && event.target.value) {
    event.target.value = "";
    event.target.dispatchEvent(new Event("input"));
  } else if (event.key === "Escape" || (event.key === "Backspace" && !typing)) goBack();
  else return;
  event.preventDefault();
}

// The sheet of dark colours holds where the system is dark, until someone chooses.
const isDark = (dark) => find("dark").media === "all" || (find("dark").media !== "not all" && dark.matches);

function nameTheme(dark) {
  find("theme").textContent = isDark(dark) ? "Light" : "Dark";
  find("theme").setAttribute("aria-label", isDark(dark) ? "Use light colours" : "Use dark colours");
}

if (!model.packed) {
  for (const radio of document.getElementsByName("measure")) radio.disabled = radio.value === "zipped";
}
listen();
refresh();
performance.mark("ready");
document.documentElement.dataset.ready = "";
