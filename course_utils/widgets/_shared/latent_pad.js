// A pad over latents: drawn, listened to, and the latents that it does not show.
import { theme } from "./canvas.js";
import { onSliders, placeSliders } from "./controls.js";
import { drawCodes, drawMoving } from "./latent_pictures.js";
import { zSliders } from "./latent_page.js";

const NEAR = 12,
  A_CLICK = 4; // pixels

// Returns what draws it: axes, prior and codes only when they have changed. `prior` { mu, sd } may
// be left out, it is N(0, I) then.
export function makePad({ el, recipe, codes, hand }) {
  const pad = el.querySelector(".lt-pad"),
    below = el.querySelector(".lt-codes");
  let drawnCodes = "";
  return (state, z, prior) => {
    const colours = theme(el),
      { axes } = state;
    const key = JSON.stringify([
      axes,
      pad.clientWidth,
      pad.clientHeight,
      devicePixelRatio,
      Object.values(colours),
      prior,
    ]);
    if (key !== drawnCodes) drawCodes(below, { recipe, codes, shown: axes, prior }, colours);
    drawnCodes = key;
    drawMoving(pad, { recipe, codes, state, z, hand }, colours);
  };
}

export function listenToPad({ view, pad, recipe, codes, hand, show, moves, move }) {
  const { now, on } = view;
  let grip = null; // where a press began, and at which code
  function look(hover, near) {
    // what is under the pointer, without a press
    Object.assign(hand, { hover, near });
    show.place(now());
  }
  on(pad, "pointerdown", () => {
    grip = null;
    pad.focus();
  });
  view.onDrag(pad, (x, y) => {
    const walks = now().mode === "interpolate";
    grip ??= { x, y, moved: false, code: walks ? moves.under([x, y]).best : null };
    grip.moved ||= Math.hypot(x - grip.x, y - grip.y) > A_CLICK;
    if (!walks) move({ z: moves.placeAt([x, y]) });
    else if (grip.moved) moves.walkTo(grip.code, [x, y]);
  });
  on(pad, "pointerup", () => {
    if (!grip || grip.moved || !codes.mu.length) return;
    const { best, far } = moves.under([grip.x, grip.y]);
    if (far <= NEAR || now().mode === "interpolate") moves.choose(best);
  });
  on(pad, "pointermove", ({ pointerType, buttons, offsetX, offsetY }) => {
    if (pointerType !== "mouse" || buttons) return;
    const point = [offsetX, offsetY],
      { best, far } = moves.under(point);
    const explores = now().mode === "explore";
    look(explores ? moves.placeAt(point) : null, !explores || far <= NEAR ? best : null);
  });
  on(pad, "pointerleave", () => look(null, null));
  view.onArrows(pad, moves.arrow);
  on(pad, "keydown", (event) => {
    const run = {
      Enter: moves.chooseNearest,
      Home: () => move({ z: recipe.start.z.map(() => 0) }),
      Escape: () => move({ chosen: null, other: null }),
    }[event.key];
    if (!run) return;
    event.preventDefault();
    run();
  });
}

// --- of more than two latents: which ones the pad shows, and the others ---

export function placeLatents(el, recipe, { z, axes, chosen }) {
  const $ = (selector) => el.querySelector(selector);
  placeSliders(el, zSliders(recipe), Object.fromEntries(z.map((value, i) => [`z${i}`, value])));
  z.forEach((_, i) => {
    $(`[data-field=z${i}]`).closest("label").hidden = axes.includes(i);
  });
  axes.forEach((axis, i) => {
    $(`[data-field=axis${i}]`).value = axis;
  });
  $("[data-do=same]").disabled = chosen === null;
}

// Returns what its buttons do.
export function listenToLatents({ view: { now, on }, el, recipe, codes, moves, move }) {
  onSliders(el, zSliders(recipe), {
    on,
    move: (change) => move({ z: now().z.map((value, i) => change[`z${i}`] ?? value) }),
  });
  for (const i of [0, 1]) {
    const select = el.querySelector(`[data-field=axis${i}]`);
    on(select, "change", () => moves.showAxis(i, Number(select.value)));
  }
  return {
    zero: () => moves.setOthers(recipe.start.z.map(() => 0)),
    same: () => moves.setOthers(codes.mu[now().chosen]),
  };
}

// What its buttons do where there are codes.
export const codeRuns = (moves) => ({
  nearest: moves.chooseNearest,
  previous: () => moves.chooseAlong(-1),
  next: () => moves.chooseAlong(1),
});
