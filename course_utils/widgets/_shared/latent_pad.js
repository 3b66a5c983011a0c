// A page with a pad over latents: drawn, listened to, and the latents that the pad does not show.
import { theme } from "./canvas.js";
import { onSliders, placeNumbers, placeSliders } from "./controls.js";
import { unpackedCodes } from "./latent_decoder.js";
import { placeText, shareText } from "./latent_words.js";
import { drawCodes, drawMoving, padScale } from "./latent_pictures.js";
import { makeMoves } from "./latent_moves.js";
import { zSliders } from "./latent_page.js";
import { twoDecimals } from "./say.js";

const NEAR = 12; // pixels
const A_CLICK = 4;

// What such a page works with: all that was sent, elements by selector, what the hand is at: a
// place `hover`, a code `near`, a `note` to be said. `moves` are there once it has `now` and `move`.
export function openPage({ model, el }, pageOf) {
  const recipe = model.get("recipe");
  const codes = unpackedCodes(recipe, model.get("packed_codes"), model.get("packed_originals"));
  el.innerHTML = pageOf(recipe, `pad-${Math.random()}`);
  const $ = (selector) => el.querySelector(selector);
  const pad = $(".lt-pad");
  const page = { model, el, recipe, codes, $, pad, many: recipe.start.z.length > 2 };
  page.hand = { hover: null, near: null, note: "" };
  page.scale = () => padScale(recipe, page.now().axes, pad.clientWidth, pad.clientHeight);
  page.moves = makeMoves(page);
  return page;
}

// A move after which nothing is under the pointer.
export const letGo = (hand, move) => (change) => {
  Object.assign(hand, { hover: null, near: null });
  move(change);
};

// Returns what draws it: axes, prior and codes only when they have changed. `prior` { mu, sd } may
// be left out, it is N(0, I) then.
export function makePad({ el, $, pad, recipe, codes, hand }) {
  let drawn = "";
  return (state, z, prior) => {
    const colours = theme(el);
    const { axes: shown } = state;
    const size = [pad.clientWidth, pad.clientHeight, devicePixelRatio];
    const key = JSON.stringify([shown, size, Object.values(colours), prior]);
    if (key !== drawn) drawCodes($(".lt-codes"), { recipe, codes, shown, prior }, colours);
    drawn = key;
    drawMoving(pad, { recipe, codes, state, z, hand }, colours);
  };
}

export function placeLikelihood(el, { at, axes }, height, beyond) {
  const density = `${twoDecimals(height)} nats`;
  placeNumbers(el, { z: placeText(at, axes), density, beyond: shareText(beyond) });
}

export function listenToPad(page) {
  listenToPresses(page);
  listenToHovers(page);
  const { view, pad, recipe, moves, move } = page;
  view.onArrows(pad, moves.arrow);
  const keys = {
    Enter: moves.chooseNearest,
    Home: () => move({ z: recipe.start.z.map(() => 0) }),
    Escape: () => move({ chosen: null, other: null }),
  };
  view.onKeys(pad, keys, (run) => run());
}

function listenToPresses({ view, pad, codes, moves, move, now }) {
  let grip = null; // where a press began, and at which code
  const walks = () => now().mode === "interpolate";
  view.on(pad, "pointerdown", () => {
    grip = null;
    pad.focus();
  });
  view.onDrag(pad, (x, y) => {
    grip ??= { x, y, moved: false, code: walks() ? moves.under([x, y]).best : null };
    grip.moved ||= Math.hypot(x - grip.x, y - grip.y) > A_CLICK;
    if (!walks()) move({ z: moves.placeAt([x, y]) });
    else if (grip.moved) moves.walkTo(grip.code, [x, y]);
  });
  view.on(pad, "pointerup", () => {
    if (!grip || grip.moved || !codes.mu.length) return;
    const { best, far } = moves.under([grip.x, grip.y]);
    if (far <= NEAR || walks()) moves.choose(best);
  });
}

// What is under the pointer, without a press.
function listenToHovers({ view, pad, hand, show, moves, now }) {
  function look(hover, near) {
    Object.assign(hand, { hover, near });
    show.place(now());
  }
  view.on(pad, "pointermove", ({ pointerType, buttons, offsetX, offsetY }) => {
    if (pointerType !== "mouse" || buttons) return;
    const point = [offsetX, offsetY];
    const { best, far } = moves.under(point);
    const explores = now().mode === "explore";
    look(explores ? moves.placeAt(point) : null, !explores || far <= NEAR ? best : null);
  });
  view.on(pad, "pointerleave", () => look(null, null));
}

// --- of more than two latents: which ones the pad shows, and the others ---

export function placeLatents({ el, $, recipe }, { z, axes, chosen }) {
  placeSliders(el, zSliders(recipe), Object.fromEntries(z.map((value, i) => [`z${i}`, value])));
  z.forEach((_, i) => {
    $(`[data-field=z${i}]`).closest("label").hidden = axes.includes(i);
  });
  for (const [i, axis] of axes.entries()) $(`[data-field=axis${i}]`).value = axis;
  $("[data-do=same]").disabled = chosen === null;
}

// Returns what its buttons do.
function listenToLatents({ view, el, $, recipe, codes, moves, move, now }) {
  onSliders(el, zSliders(recipe), {
    on: view.on,
    move: (change) => move({ z: now().z.map((value, i) => change[`z${i}`] ?? value) }),
  });
  for (const i of [0, 1]) {
    const select = $(`[data-field=axis${i}]`);
    view.on(select, "change", () => moves.showAxis(i, Number(select.value)));
  }
  return {
    zero: () => moves.setOthers(recipe.start.z.map(() => 0)),
    same: () => moves.setOthers(codes.mu[now().chosen]),
  };
}

// What the buttons do that both explorers have, as far as they are there.
export function padRuns(page) {
  const { recipe, codes, hand, moves, move, view } = page;
  const runs = {
    reset: () => {
      hand.note = "Reset. ";
      move(recipe.start);
      view.speak();
    },
  };
  const ofCodes = {
    nearest: moves.chooseNearest,
    previous: () => moves.chooseAlong(-1),
    next: () => moves.chooseAlong(1),
  };
  if (codes.mu.length) Object.assign(runs, ofCodes);
  if (page.many) Object.assign(runs, listenToLatents(page));
  return runs;
}
