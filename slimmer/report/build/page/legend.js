// What stands around the map and the table: the way to the folder, and what each colour means.

function drawCrumbs() {
  const way = [];
  for (let node = state.root; node; node = node.parent) way.unshift(node);
  find("crumbs").replaceChildren(...way.map((node) => {
    const button = element("button", { type: "button" }, node.parent ? node.name : "Everything");
    if (node === state.root) button.setAttribute("aria-current", "true");
    button.addEventListener("click", () => zoomTo(node));
    return element("li", {}, button);
  }));
}

function drawChips(id, kind, rows) {
  find(id).replaceChildren(...rows.filter((row) => row.count).map((row) => {
    const hidden = state.hidden[kind];
    const chip = element("button", { type: "button", "aria-pressed": String(!hidden.has(row.key)), "data-key": row.name });
    const swatch = element("span", { class: "swatch", "aria-hidden": "true" });
    swatch.style.background = row.colour;
    const size = row.measured ? sizeText(row.bytes) : "not measured";
    const many = element("span", { class: "many" }, `${row.count.toLocaleString("en-US")} · `);
    chip.append(swatch, element("span", {}, row.name), element("span", { class: "sum" }, many, size));
    chip.addEventListener("click", () => {
      if (!hidden.delete(row.key)) hidden.add(row.key);
      refresh();
      find(id).querySelector(`[data-key="${CSS.escape(row.name)}"]`)?.focus();
    });
    return chip;
  }));
}

// The rows of a legend: of the files that `counts`, how many and how large each class is.
function tally(ofFile, classNames, counts) {
  const rows = classNames.map((name, key) => ({ name, key, count: 0, bytes: 0, measured: false, colour: "" }));
  for (let file = 0; file < model.count; file++) {
    if (!counts(file)) continue;
    const row = rows[ofFile[file]];
    row.count += model.files.isFile[file];
    row.bytes += bytesOf(file);
    row.measured ||= model.files[state.measure][file] !== NONE;
  }
  return rows;
}

function drawLegend() {
  const byComponent = state.colour === "component";
  const verdicts = tally(model.files.verdict, VERDICTS, () => true);
  const { order, ofFile } = view.ranked;
  const others = countText(Math.max(order.length - PALETTE, 0), "more component");
  const named = Array.from({ length: PALETTE }, (_, place) => model.components[order[place]] ?? "");
  const components = tally(ofFile, [...named, others], hasVerdict);
  components.forEach((row, place) => { row.key = componentKey(place); });
  const coloured = byComponent ? components : verdicts;
  coloured.forEach((row, place) => { row.colour = view.look.swatches[place].colour; });
  drawChips("verdicts", "verdict", verdicts);
  drawChips("components", "component", components);
  find("components").hidden = !byComponent;
  find("verdicts").classList.toggle("plain", byComponent);
  const missing = state.measure === "zipped" && !model.measured;
  find("note").hidden = !missing;
  if (missing) find("note").textContent = model.unmeasured;
}
