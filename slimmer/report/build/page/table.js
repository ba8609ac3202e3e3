// A table of which only the rows in sight exist, so that 100,000 files cost no more than 20.

const BEYOND = 8; // rows above and below those in sight

// `on` hears of a row: look(file, isFocus), leave(), open(file); `on.cells(file)` gives its <td>s.
function makeTable(scroller, table, body, on) {
  let order = [];
  let active = 0;
  let drawn = "";
  const above = element("tr", { "aria-hidden": "true", class: "spacer" }, element("td"));
  const below = above.cloneNode(true);

  const rowHeight = () => parseFloat(getComputedStyle(table).getPropertyValue("--row"));

  function draw(force) {
    const high = rowHeight();
    const from = Math.max(0, Math.floor(scroller.scrollTop / high) - BEYOND);
    const to = Math.min(order.length, Math.ceil((scroller.scrollTop + scroller.clientHeight) / high) + BEYOND);
    const now = `${from}-${to}`;
    if (!force && now === drawn) return;
    drawn = now;
    const focused = body.contains(document.activeElement);
    above.firstChild.style.height = from * high + "px";
    below.firstChild.style.height = (order.length - to) * high + "px";
    body.replaceChildren(above, ...order.slice(from, to).map((file, place) => row(file, from + place)), below);
    if (focused) find(active)?.focus({ preventScroll: true });
  }

  function row(file, place) {
    const made = element("tr", {
      "aria-rowindex": place + 2, "data-place": place, "data-file": file, tabindex: place === active ? 0 : -1,
    });
    made.append(...on.cells(file));
    return made;
  }

  const find = (place) => body.querySelector(`[data-place="${place}"]`);
  const fileOf = (event) => {
    const found = event.target.closest?.("tr[data-file]");
    return found ? Number(found.dataset.file) : NONE;
  };

  function goTo(place) {
    active = Math.min(Math.max(place, 0), order.length - 1);
    const high = rowHeight();
    const head = table.tHead.offsetHeight;
    const [top, bottom] = [active * high, (active + 1) * high + head];
    if (top < scroller.scrollTop) scroller.scrollTop = top;
    else if (bottom > scroller.scrollTop + scroller.clientHeight) scroller.scrollTop = bottom - scroller.clientHeight;
    draw(true);
    find(active)?.focus({ preventScroll: true });
  }

  const page = () => Math.max(1, Math.floor(scroller.clientHeight / rowHeight()) - 2);
  const steps = {
    ArrowDown: () => active + 1, ArrowUp: () => active - 1, PageDown: () => active + page(),
    PageUp: () => active - page(), Home: () => 0, End: () => order.length - 1,
  };
  body.addEventListener("keydown", (event) => {
    if (steps[event.key]) goTo(steps[event.key]());
    else if (event.key === "Enter") on.open(fileOf(event));
    else return;
    event.preventDefault();
  });
  body.addEventListener("focusin", (event) => {
    const found = event.target.closest("tr[data-file]");
    if (!found) return;
    find(active)?.setAttribute("tabindex", "-1");
    active = Number(found.dataset.place);
    found.setAttribute("tabindex", "0");
    on.look(fileOf(event), true);
  });
  body.addEventListener("pointerover", (event) => {
    if (fileOf(event) !== NONE) on.look(fileOf(event), false);
  });
  body.addEventListener("pointerleave", on.leave);
  body.addEventListener("dblclick", (event) => fileOf(event) !== NONE && on.open(fileOf(event)));
  scroller.addEventListener("scroll", () => draw(false), { passive: true });
  new ResizeObserver(() => draw(true)).observe(scroller);

  return {
    show(files) {
      order = files;
      active = 0;
      scroller.scrollTop = 0;
      table.setAttribute("aria-rowcount", files.length + 1);
      draw(true);
    },
  };
}
