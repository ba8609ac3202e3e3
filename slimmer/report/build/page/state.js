// What the page shows: the model, what was chosen, and what follows from that.

const find = (id) => document.getElementById(id);
const model = readModel(find("data").textContent);
const PALETTE = 10; // components with a colour of their own; the rest share one
const OTHERS = -1;

const state = {
  root: model.root,
  measure: "unzipped",
  colour: "verdict",
  hidden: { verdict: new Set(), component: new Set() },
  words: [],
  sort: { key: "unzipped", down: true },
  picked: null, // what the text under the map is about when nothing is pointed at
};
const view = { cells: [], width: 0, height: 0, ranked: null, shown: null, matching: null, look: null };

const bytesOf = (file) => Math.max(model.files[state.measure][file], 0);
const hasVerdict = (file) => !state.hidden.verdict.has(model.files.verdict[file]);

// Of what is shown, the largest components have classes 0 to PALETTE - 1, all others PALETTE.
function rankComponents() {
  const sums = new Float64Array(model.components.length);
  const present = new Set();
  model.files.component.forEach((component, file) => {
    if (!hasVerdict(file)) return;
    sums[component] += bytesOf(file);
    present.add(component);
  });
  const order = [...present].sort((a, b) => sums[b] - sums[a] || a - b);
  const ranks = new Uint8Array(sums.length).fill(PALETTE);
  order.slice(0, PALETTE).forEach((component, place) => { ranks[component] = place; });
  return { ofFile: Uint8Array.from(model.files.component, (component) => ranks[component]), order };
}

const classes = () => (state.colour === "verdict" ? model.files.verdict : view.ranked.ofFile);

// What hides a component, or all that have no colour of their own.
const componentKey = (place) => (place < PALETTE ? view.ranked.order[place] : OTHERS);

function isShown(file) {
  if (!hasVerdict(file)) return 0;
  if (state.colour !== "component") return 1;
  return state.hidden.component.has(componentKey(view.ranked.ofFile[file])) ? 0 : 1;
}

function recount() {
  view.ranked = rankComponents();
  view.shown = Uint8Array.from({ length: model.count }, (_, file) => isShown(file));
  view.matching = matchWords(model, state.words);
  sumUp(model.root, model.files[state.measure], view.shown, view.matching, classes());
  while (state.root.parent && state.root.count === 0) state.root = state.root.parent;
}
