// The view: a pad of styles, every class in the style under the pointer, one of them large.
import { makeView } from "../_shared/view.js";
import { placeNumbers } from "../_shared/controls.js";
import { unpackedCodes } from "../_shared/latent_decoder.js";
import { twoDecimals } from "../_shared/say.js";
import { named, placeText, shareText } from "../_shared/latent_words.js";
import { padScale, paintPicture } from "../_shared/latent_pictures.js";
import { padHelp } from "../_shared/latent_page.js";
import { makeMoves, sampleZ } from "../_shared/latent_moves.js";
import { codeRuns, listenToLatents, listenToPad } from "../_shared/latent_pad.js";
import { makePad, placeLatents } from "../_shared/latent_pad.js";
import { conditionalOf, oneHot } from "./decoder.js";
import { describeClassChange, describeClasses, likely, priorGiven } from "./classes_words.js";
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
  const recipe = model.get("recipe"),
    many = recipe.start.z.length > 2;
  const codes = unpackedCodes(recipe, model.get("packed_codes"), model.get("packed_originals"));
  el.innerHTML = classesPage(recipe, `class-${Math.random()}`);
  const pad = el.querySelector(".lt-pad"),
    hand = { hover: null, near: null, note: "" };
  const show = makeShow({ el, recipe, codes, hand, ask: makeAsker(model, recipe) });

  function tell(state, before) {
    const { note } = hand;
    hand.note = "";
    if (!before || note) return note + describeClasses(recipe, codes, state);
    return describeClassChange(recipe, codes, { before, state });
  }
  const base = makeView({ model, el }, { fields: STATE, draw: show.all, tell, sized: pad });
  // To the pad this is a latent explorer that never walks from code to code.
  const view = { ...base, now: () => ({ ...base.now(), mode: "explore", other: null }) };
  function move(change) {
    const own = Object.entries(change).filter(([name]) => STATE.includes(name));
    Object.assign(hand, { hover: null, near: null });
    base.move(Object.fromEntries(own));
  }
  const scale = () => padScale(recipe, base.now().axes, pad.clientWidth, pad.clientHeight);
  const moves = makeMoves({ recipe, codes, now: view.now, move, scale });
  listenToPad({ view, pad, recipe, codes, hand, show, moves, move });
  const runs = {
    ...chances({ view, recipe, hand, moves, move }),
    ...(codes.mu.length ? codeRuns(moves) : {}),
    ...(many ? listenToLatents({ view, el, recipe, codes, moves, move }) : {}),
  };
  view.onButtons(runs);
  listenToClasses({ view, el, recipe, move });
  return view.start();
}

function makeShow({ el, recipe, codes, hand, ask }) {
  const $ = (selector) => el.querySelector(selector),
    many = recipe.start.z.length > 2;
  const radios = [...el.querySelectorAll("input[data-field=digit]")];
  const drawPad = makePad({ el, recipe, codes, hand });
  const paint = (canvas, pixels) => paintPicture(canvas, pixels, recipe.image);

  function place(state) {
    // all that follows the pointer
    const at = hand.hover ?? state.z,
      pictures = ask(at),
      { digit } = state;
    drawPad(state, state.z, priorGiven(recipe, digit));
    radios.forEach((radio, i) => paint(radio.nextElementSibling, pictures[i]));
    paint($(".lt-picture"), pictures[digit]);
    const { height, beyond } = likely(recipe, at, digit);
    const numbers = {
      z: placeText(at, state.axes),
      density: `${twoDecimals(height)} nats`,
      beyond: shareText(beyond),
    };
    placeNumbers(el, (name) => numbers[name]);
    $(".lt-where").textContent = hand.hover ? "at the pointer" : "at z";
  }
  function chosenCode({ chosen }) {
    $(".lt-chosen").hidden = chosen === null;
    if (chosen === null) return;
    $(".lt-name").textContent = `Image ${named(codes, chosen)}`;
    $(".lt-original-box").hidden = !codes.originals.length;
    if (codes.originals.length) paint($(".lt-original"), codes.originals[chosen]);
  }
  function all(held) {
    const state = { ...held };
    radios.forEach((radio, i) => {
      radio.checked = i === state.digit;
    });
    $(".cd-digit").textContent = state.digit;
    $(".lt-picture").setAttribute("aria-label", `Class ${state.digit} in this style`);
    $(".lt-help").textContent = padHelp("explore", codes.labels.length > 0);
    if (recipe.prior) $(".lt-prior").textContent = `p(z|y=${state.digit})`;
    if (many) placeLatents(el, recipe, state);
    chosenCode(state);
    place(state);
    return state;
  }
  return { all, place };
}

// What the buttons of chance and of return do.
function chances({ view, recipe, hand, moves, move }) {
  return {
    draw: () => {
      const { z, digit } = view.now(),
        prior = priorGiven(recipe, digit);
      const drawn = sampleZ(z.length).map((eps, i) =>
        prior ? prior.mu[i] + prior.sd[i] * eps : eps,
      );
      hand.note = prior ? `Drawn from p(z|y=${digit}). ` : "Drawn from p(z). ";
      move({ z: drawn.map(moves.rounded) });
    },
    reset: () => {
      hand.note = "Reset. ";
      move(recipe.start);
      view.speak();
    },
  };
}

function listenToClasses({ view, el, recipe, move }) {
  const root = el.querySelector(".cx");
  for (const radio of el.querySelectorAll("input[data-field=digit]")) {
    view.on(radio, "change", () => move({ digit: Number(radio.value) }));
  }
  view.on(root, "keydown", (event) => {
    const held = event.ctrlKey || event.metaKey || event.altKey,
      digit = Number(event.key);
    if (/^[0-9]$/.test(event.key) && !held && digit < recipe.classes) move({ digit });
  });
}

export default { render };
