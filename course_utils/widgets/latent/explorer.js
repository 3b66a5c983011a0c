// The view: a pad, the picture, a chosen code, a walk to another. The model holds the state alone.
import { makeView } from "../_shared/view.js";
import { onSliders, placeSliders } from "../_shared/controls.js";
import { logPrior, named, shareBeyond } from "../_shared/latent_words.js";
import { paintPicture } from "../_shared/latent_pictures.js";
import { padHelp } from "../_shared/latent_page.js";
import { sampleZ } from "../_shared/latent_moves.js";
import { letGo, listenToPad, makePad, openPage } from "../_shared/latent_pad.js";
import { padRuns, placeLatents, placeLikelihood } from "../_shared/latent_pad.js";
import { describeChange, shownZ, stripOf } from "./words.js";
import { makeSource } from "./source.js";
import { T_SLIDER, pageOf } from "./page.js";

// recipe: { start, image, span, codes, decoder, standard_prior }
const STATE = ["z", "axes", "chosen", "mode", "other", "t"];
const LATE = "decoded in Python, which does not answer: run this cell in a notebook";

function render({ model, el }) {
  const page = openPage({ model, el }, pageOf);
  const { recipe, codes, hand } = page;
  const lookAgain = () => {
    page.show.place(page.now());
    view.speak();
  };
  page.source = makeSource(model, recipe, () => view.guarded(lookAgain));
  page.show = makeShow(page);
  const tell = (state, before) =>
    describeChange(recipe, codes, { before, state }) +
    (page.source.isLate() ? ` The picture is an older one: it is ${LATE}.` : "");
  const how = { fields: [...STATE, "answer"], draw: page.show.all, tell, sized: page.pad, hand };
  const view = makeView({ model, el }, how);
  Object.assign(page, { view, now: view.now, move: letGo(hand, view.move) });
  listenToPad(page);
  listenToControls(page);
  const end = view.start();
  return () => {
    end();
    page.source.end();
  };
}

// --- what is shown ---

function makeShow(page) {
  const { el, $, codes } = page;
  const drawPad = makePad(page);
  const place = (state) => showPlace(page, state, drawPad);
  function all(held) {
    const state = Object.fromEntries(STATE.map((name) => [name, held[name]]));
    for (const radio of el.querySelectorAll("input[type=radio]")) {
      radio.checked = radio.value === state.mode;
    }
    $(".lt-help").textContent = padHelp(state.mode, codes.labels.length > 0);
    placeSliders(el, T_SLIDER, state);
    if (page.many) placeLatents(page, state);
    showCode(page, state);
    showWalk(page, state);
    place(state);
    return state;
  }
  return { all, place };
}

const paint = (canvas, pixels, { image }) => pixels && paintPicture(canvas, pixels, image);

// All that follows the pointer.
function showPlace({ el, $, recipe, codes, hand, source }, state, drawPad) {
  const z = shownZ(codes, state);
  const at = hand.hover ?? z;
  drawPad(state, z);
  paint($(".lt-picture"), source.get(at), recipe);
  placeLikelihood(el, { at, axes: state.axes }, logPrior(at), shareBeyond(at));
  $(".lt-where").textContent = source.isLate()
    ? LATE
    : `at ${hand.hover ? "the pointer" : "z"}; a decoded z has no label`;
  source.askForMissing();
}

function showCode({ $, recipe, codes, source }, { chosen, mode }) {
  $(".lt-chosen").hidden = chosen === null;
  if (chosen === null) return;
  $(".lt-name").textContent = (mode === "explore" ? "Code " : "A: code ") + named(codes, chosen);
  $(".lt-original-box").hidden = !codes.originals.length;
  paint($(".lt-original"), codes.originals[chosen], recipe);
  paint($(".lt-reconstruction"), source.get(codes.mu[chosen]), recipe);
}

function showWalk({ $, recipe, codes, source }, state) {
  const steps = stripOf(codes, state);
  const strip = $(".lt-strip").children;
  $(".lt-walk").hidden = !steps.length;
  steps.forEach((z, i) => {
    paint(strip[i], source.get(z), recipe);
    strip[i].classList.toggle("lt-here", Math.round(state.t * (steps.length - 1)) === i);
  });
}

// --- what moves it ---

function listenToControls(page) {
  const { view, el, recipe, codes, hand, moves, move, now } = page;
  for (const radio of el.querySelectorAll("input[type=radio]")) {
    const mode = radio.value;
    // To explore is to go on from where the walk has come to.
    view.on(radio, "change", () =>
      move(mode === "explore" ? { mode, z: shownZ(codes, now()) } : { mode }),
    );
  }
  onSliders(el, T_SLIDER, { on: view.on, move });
  listenToStrip(page);
  const draw = () => {
    hand.note = "Drawn. ";
    move({ z: sampleZ(recipe.start.z.length).map(moves.rounded), mode: "explore" });
  };
  view.onButtons({ draw, ...padRuns(page) });
}

function listenToStrip({ view, $, move }) {
  const strip = $(".lt-strip");
  view.onDrag(strip, (x) => {
    const side = strip.children[0].clientWidth;
    const way = (x - side / 2) / (strip.clientWidth - side);
    move({ t: Math.round(100 * Math.min(1, Math.max(0, way))) / 100 });
  });
}

export default { render };
