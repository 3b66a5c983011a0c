// The view: a pad of styles, every class in the style under the pointer, one of them large.
import { isForLab, makeView } from "../_shared/view.js";
import { named } from "../_shared/latent_words.js";
import { paintPicture } from "../_shared/latent_pictures.js";
import { padHelp } from "../_shared/latent_page.js";
import { sampleZ } from "../_shared/latent_moves.js";
import { letGo, listenToPad, makePad, openPage } from "../_shared/latent_pad.js";
import { padRuns, placeLatents, placeLikelihood } from "../_shared/latent_pad.js";
import { conditionalOf, oneHot } from "./decoder.js";
import { describeClassChange, likely, priorGiven } from "./classes_words.js";
import { classesPage } from "./classes_page.js";

// recipe: { start, image, span, codes, decoder, classes, prior }
const STATE = ["z", "axes", "digit", "chosen"];

// z -> the pictures of all classes; those of the last z are kept.
function makeAsker(model, recipe) {
  const { classes, start } = recipe,
    decoder = conditionalOf(model, recipe, start.z.length);
  const shares = Array.from({ length: classes }, (_, i) => decoder.fromY(oneHot(i, classes)));
  let last, pictures;
  return (z) => {
    if (last !== z.join()) {
      const style = decoder.fromZ(z);
      pictures = shares.map((share) => decoder.picture(style, share));
    }
    last = z.join();
    return pictures;
  };
}

function render({ model, el }) {
  const page = openPage({ model, el }, classesPage);
  const { recipe, codes, hand } = page;
  const show = makeShow(page, makeAsker(model, recipe));
  const tell = (state, before) => describeClassChange(recipe, codes, { before, state });
  const how = { fields: STATE, draw: show.all, tell, sized: page.pad, hand };
  const view = makeView({ model, el }, how);
  // To the pad this is a latent explorer that never walks from code to code.
  const now = () => ({ ...view.now(), mode: "explore", other: null });
  const own = (change) => Object.entries(change).filter(([name]) => STATE.includes(name));
  const move = letGo(hand, (change) => view.move(Object.fromEntries(own(change))));
  Object.assign(page, { view, show, now, move });
  listenToPad(page);
  view.onButtons({ draw: () => drawStyle(page), ...padRuns(page) });
  listenToClasses(page);
  return view.start();
}

function makeShow(page, ask) {
  const { el, $, recipe, codes } = page;
  const radios = [...el.querySelectorAll("input[data-field=digit]")];
  const drawPad = makePad(page);
  const place = (state) => showPlace(page, state, { ask, drawPad, radios });
  function all(state) {
    radios[state.digit].checked = true;
    $(".cd-digit").textContent = state.digit;
    $(".lt-picture").setAttribute("aria-label", `Class ${state.digit} in this style`);
    $(".lt-help").textContent = padHelp("explore", codes.labels.length > 0);
    if (recipe.prior) $(".lt-prior").textContent = `p(z|y=${state.digit})`;
    if (page.many) placeLatents(page, state);
    showCode(page, state);
    place(state);
    return state;
  }
  return { all, place };
}

// All that follows the pointer.
function showPlace({ el, $, recipe, hand }, state, { ask, drawPad, radios }) {
  const { z, axes, digit } = state;
  const at = hand.hover ?? z;
  const pictures = ask(at);
  drawPad(state, z, priorGiven(recipe, digit));
  radios.forEach((radio, i) => paintPicture(radio.nextElementSibling, pictures[i], recipe.image));
  paintPicture($(".lt-picture"), pictures[digit], recipe.image);
  const { height, beyond } = likely(recipe, at, digit);
  placeLikelihood(el, { at, axes }, height, beyond);
  $(".lt-where").textContent = hand.hover ? "at the pointer" : "at z";
}

function showCode({ $, recipe, codes }, { chosen }) {
  $(".lt-chosen").hidden = chosen === null;
  if (chosen === null) return;
  $(".lt-name").textContent = `Image ${named(codes, chosen)}`;
  $(".lt-original-box").hidden = !codes.originals.length;
  if (codes.originals.length)
    paintPicture($(".lt-original"), codes.originals[chosen], recipe.image);
}

function drawStyle({ recipe, hand, moves, move, now }) {
  const { z, digit } = now();
  const prior = priorGiven(recipe, digit);
  const drawn = sampleZ(z.length).map((eps, i) => (prior ? prior.mu[i] + prior.sd[i] * eps : eps));
  hand.note = prior ? `Drawn from p(z|y=${digit}). ` : "Drawn from p(z). ";
  move({ z: drawn.map(moves.rounded) });
}

function listenToClasses({ view, el, $, recipe, move }) {
  for (const radio of el.querySelectorAll("input[data-field=digit]")) {
    view.on(radio, "change", () => move({ digit: Number(radio.value) }));
  }
  view.on($(".cx"), "keydown", (event) => {
    const digit = Number(event.key);
    if (/^[0-9]$/.test(event.key) && !isForLab(event) && digit < recipe.classes) move({ digit });
  });
}

export default { render };
