// The view: a pad, the picture, a chosen code, a walk to another. The model holds the state alone.
import { makeView } from "../_shared/view.js";
import { onSliders, placeNumbers, placeSliders } from "../_shared/controls.js";
import { unpackedCodes } from "../_shared/latent_decoder.js";
import { makeSource } from "./source.js";
import { twoDecimals } from "../_shared/say.js";
import { logPrior, named, placeText, shareBeyond, shareText } from "../_shared/latent_words.js";
import { describe, describeChange, shownZ, stripOf } from "./words.js";
import { padScale, paintPicture } from "../_shared/latent_pictures.js";
import { padHelp } from "../_shared/latent_page.js";
import { T_SLIDER, pageOf } from "./page.js";
import { makeMoves, sampleZ } from "../_shared/latent_moves.js";
import { codeRuns, listenToLatents, listenToPad } from "../_shared/latent_pad.js";
import { makePad, placeLatents } from "../_shared/latent_pad.js";

// recipe: { start, image, span, codes, decoder, standard_prior }
const STATE = ["z", "axes", "chosen", "mode", "other", "t"];

function render({ model, el }) {
  const recipe = model.get("recipe");
  const codes = unpackedCodes(recipe, model.get("packed_codes"), model.get("packed_originals"));
  el.innerHTML = pageOf(recipe, `mode-${Math.random()}`);
  const pad = el.querySelector(".lt-pad"),
    hand = { hover: null, near: null, note: "" };
  const source = makeSource(model, recipe, () => view.guarded(() => show.place(view.now())));
  const show = makeShow({ el, recipe, codes, source, hand });

  function tell(state, before) {
    const { note } = hand;
    hand.note = "";
    if (!before || note) return note + describe(recipe, codes, state);
    return describeChange(recipe, codes, { before, state });
  }
  const view = makeView(
    { model, el },
    { fields: [...STATE, "answer"], draw: show.all, tell, sized: pad },
  );
  function move(change) {
    Object.assign(hand, { hover: null, near: null });
    view.move(change);
  }
  const scale = () => padScale(recipe, view.now().axes, pad.clientWidth, pad.clientHeight);
  const moves = makeMoves({ recipe, codes, now: view.now, move, scale });
  listenToPad({ view, pad, recipe, codes, hand, show, moves, move });
  listenToControls({ view, el, recipe, codes, hand, moves, move });
  const end = view.start();
  return () => {
    end();
    source.end();
  };
}

// --- what is shown ---

function makeShow({ el, recipe, codes, source, hand }) {
  const $ = (selector) => el.querySelector(selector),
    many = recipe.start.z.length > 2;
  const strip = [...$(".lt-strip").children],
    drawPad = makePad({ el, recipe, codes, hand });
  const paint = (canvas, pixels) => pixels && paintPicture(canvas, pixels, recipe.image);

  function place(state) {
    // all that follows the pointer
    const z = shownZ(codes, state),
      at = hand.hover ?? z;
    drawPad(state, z);
    paint($(".lt-picture"), source.get(at));
    const numbers = {
      z: placeText(at, state.axes),
      density: `${twoDecimals(logPrior(at))} nats`,
      beyond: shareText(shareBeyond(at)),
    };
    placeNumbers(el, (name) => numbers[name]);
    $(".lt-where").textContent = source.isLate()
      ? "decoded in Python, which does not answer: run this cell in a notebook"
      : `at ${hand.hover ? "the pointer" : "z"}; a decoded z has no label`;
    source.askForMissing();
  }
  function chosenCode({ chosen, mode }) {
    $(".lt-chosen").hidden = chosen === null;
    if (chosen === null) return;
    $(".lt-name").textContent = (mode === "explore" ? "Code " : "A: code ") + named(codes, chosen);
    $(".lt-original-box").hidden = !codes.originals.length;
    paint($(".lt-original"), codes.originals[chosen]);
    paint($(".lt-reconstruction"), source.get(codes.mu[chosen]));
  }
  function walk(state) {
    const steps = stripOf(codes, state);
    $(".lt-walk").hidden = !steps.length;
    steps.forEach((z, i) => {
      paint(strip[i], source.get(z));
      strip[i].classList.toggle("lt-here", Math.round(state.t * (steps.length - 1)) === i);
    });
  }
  function all(held) {
    const state = Object.fromEntries(STATE.map((name) => [name, held[name]]));
    for (const radio of el.querySelectorAll("input[type=radio]")) {
      radio.checked = radio.value === state.mode;
    }
    $(".lt-help").textContent = padHelp(state.mode, codes.labels.length > 0);
    placeSliders(el, T_SLIDER, state);
    if (many) placeLatents(el, recipe, state);
    chosenCode(state);
    walk(state);
    place(state);
    return state;
  }
  return { all, place };
}

// --- what moves it ---

function listenToControls({ view, el, recipe, codes, hand, moves, move }) {
  const { now, on } = view,
    $ = (selector) => el.querySelector(selector);
  const strip = $(".lt-strip");
  for (const radio of el.querySelectorAll("input[type=radio]")) {
    // To explore is to go on from where the walk has come to.
    on(radio, "change", () =>
      move(
        radio.value === "explore"
          ? { mode: "explore", z: shownZ(codes, now()) }
          : { mode: radio.value },
      ),
    );
  }
  onSliders(el, T_SLIDER, { on, move });
  view.onDrag(strip, (x) => {
    const side = strip.children[0].clientWidth,
      way = (x - side / 2) / (strip.clientWidth - side);
    move({ t: Math.round(100 * Math.min(1, Math.max(0, way))) / 100 });
  });
  const runs = {
    draw: () => {
      hand.note = "Drawn. ";
      move({ z: sampleZ(recipe.start.z.length).map(moves.rounded), mode: "explore" });
    },
    reset: () => {
      hand.note = "Reset. ";
      move(recipe.start);
      view.speak();
    },
  };
  if (codes.mu.length) Object.assign(runs, codeRuns(moves));
  if (recipe.start.z.length > 2) {
    Object.assign(runs, listenToLatents({ view, el, recipe, codes, moves, move }));
  }
  view.onButtons(runs);
}

export default { render };
