// The view: a half to draw in or to pick, and what completes it. The model holds the state alone.
import { begin, clamp, theme } from "../_shared/canvas.js";
import { makeView } from "../_shared/view.js";
import { onSliders, placeNumbers, placeSliders } from "../_shared/controls.js";
import { unpackedPictures } from "../_shared/latent_decoder.js";
import { twoDecimals } from "../_shared/say.js";
import { paintPicture } from "../_shared/latent_pictures.js";
import { describeHalfChange, describeHalves } from "./halves_words.js";
import { brushed, errorsOf, halfOf, joined } from "./halves_math.js";
import { makeCompleter, pixelsOf, rowsOf } from "./halves_math.js";
import { halvesPage, spreadSlider } from "./halves_page.js";

// recipe: { start, image, pictures, latents, decoder, prior, ranges, log_var_range, shown, draws }
const STATE = ["left", "seed", "spread"];
const HINT = ["draw the", "left half", "of a digit", "here"];

function render({ model, el }) {
  const recipe = model.get("recipe"),
    {
      image: [height, width],
    } = recipe;
  const wholes = unpackedPictures(model.get("packed_originals"), 2 * height * width);
  el.innerHTML = halvesPage(recipe, `tool-${Math.random()}`);
  const hand = { pen: [Math.floor(width / 2), Math.floor(height / 2)], shown: false, note: "" };
  const show = makeShow({ el, recipe, wholes, hand, complete: makeCompleter(model, recipe) });

  function tell(it, before) {
    const { note } = hand;
    hand.note = "";
    if (!before || note) return note + describeHalves(recipe, it.state, it);
    return describeHalfChange(recipe, { before: before.state, state: it.state, shown: it });
  }
  const view = makeView(
    { model, el },
    { fields: STATE, draw: show.all, tell, sized: el.querySelector(".cd-pad") },
  );
  listenToPen({ view, el, recipe, wholes, hand, show });
  listenToChoices({ view, el, recipe, hand });
  return view.start();
}

// --- what is shown ---

function makeShow({ el, recipe, wholes, hand, complete }) {
  const $ = (selector) => el.querySelector(selector),
    { image, shown } = recipe;
  const pad = $(".cd-pad"),
    sheet = document.createElement("canvas");
  const nine = [...el.querySelectorAll(".cd-completion")];
  const paint = (canvas, pixels) => paintPicture(canvas, pixels, [image[0], 2 * image[1]]);

  function drawPad({ left }) {
    // the half, the pen, and at first what to do
    const { ctx, width, height } = begin(pad),
      colours = theme(el);
    paintPicture(sheet, pixelsOf(left, wholes, image), image);
    ctx.imageSmoothingEnabled = false;
    ctx.drawImage(sheet, 0, 0, width, height);
    if (left === null) drawHint(ctx, { width, height }, colours);
    if (hand.shown) drawPen(ctx, { side: width / image[1], at: hand.pen }, colours);
  }
  function all(state) {
    const { left } = state,
      y = pixelsOf(left, wholes, image),
      of = complete(y, state);
    const picked = typeof left === "number",
      truth = picked ? halfOf(wholes[left], image, 1) : null;
    const errors = truth && errorsOf(of, truth, shown);
    drawPad(state);
    nine.forEach((canvas, i) => paint(canvas, joined(y, of.rights[i], image)));
    paint($(".cd-mean"), joined(y, Float32Array.from(of.mean), image));
    $(".cd-true").hidden = !picked;
    $(".cd-name").textContent = picked ? left : "";
    if (picked) paint($(".cd-truth"), wholes[left]);
    placeSliders(el, spreadSlider(recipe), state);
    if (wholes.length) $("select").value = picked ? left : "drawn";
    const [one, mean, best] = errors ? errors.map(twoDecimals) : ["–", "–", "–"];
    const numbers = { variance: twoDecimals(of.variance), one, mean, best };
    placeNumbers(el, (name) => numbers[name]);
    return { state, variance: of.variance, errors };
  }
  return { all, drawPad };
}

function drawHint(ctx, { width, height }, colours) {
  Object.assign(ctx, { fillStyle: colours.faint, textAlign: "center" });
  ctx.font = `15px ${ctx.font.split("px ")[1]}`;
  HINT.forEach((text, i) => ctx.fillText(text, width / 2, height / 2 + 21 * (i - 1)));
}

function drawPen(ctx, { side, at: [column, row] }, colours) {
  for (const [stroke, width] of [
    [colours.paper, 4.5],
    ["#ff9800", 2.5],
  ]) {
    Object.assign(ctx, { strokeStyle: stroke, lineWidth: width });
    ctx.strokeRect(column * side, row * side, side, side);
  }
}

// --- what moves it ---

function listenToPen({ view, el, recipe, wholes, hand, show }) {
  const {
      image: [height, width],
    } = recipe,
    { now, move, on } = view;
  const pad = el.querySelector(".cd-pad"),
    status = el.querySelector(".cd-pen");
  const erases = () => el.querySelector("input[value=erase]").checked;
  const middle = ([column, row]) => [column + 0.5, row + 0.5];
  const rows = () => rowsOf(now().left, wholes, [height, width]);
  const stroke = (from, to, erase) => move({ left: brushed(rows(), [from, to], erase) });
  let last = null; // where the stroke under way has come to

  on(pad, "pointerdown", () => {
    last = null;
    pad.focus();
    hand.shown = false; // which the focus may have set
  });
  view.onDrag(pad, (x, y) => {
    const at = [(x / pad.clientWidth) * width, (y / pad.clientHeight) * height];
    stroke(last ?? at, at, erases());
    last = at;
  });
  function penTo(column, row, draws) {
    const to = [clamp(column, 0, width - 1), clamp(row, 0, height - 1)],
      from = hand.pen;
    Object.assign(hand, { pen: to, shown: true });
    if (draws) stroke(middle(from), middle(to), erases());
    show.drawPad(now());
    status.textContent = `pen at row ${to[1] + 1}, column ${to[0] + 1}`;
  }
  const dot = (erase) => {
    hand.shown = true;
    stroke(middle(hand.pen), middle(hand.pen), erase);
    show.drawPad(now());
  };
  on(pad, "keydown", (event) => {
    const [column, row] = hand.pen,
      go = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[
        event.key
      ];
    const act = { " ": () => dot(erases()), Delete: () => dot(true), Backspace: () => dot(true) };
    if (!go && !act[event.key]) return;
    event.preventDefault();
    if (go) penTo(column + go[0], row + go[1], event.shiftKey);
    else act[event.key]();
  });
  on(pad, "focus", () => {
    // by the keyboard, not by a press
    hand.shown = pad.matches(":focus-visible");
    show.drawPad(now());
  });
  on(pad, "blur", () => {
    hand.shown = false;
    status.textContent = "";
    show.drawPad(now());
  });
}

function listenToChoices({ view, el, recipe, hand }) {
  const { now, move, on } = view,
    { pictures, ranges, start } = recipe;
  const select = el.querySelector("select");
  const pick = (step) => {
    const { left } = now(),
      first = step > 0 ? 0 : pictures - 1;
    move({ left: typeof left === "number" ? (left + step + pictures) % pictures : first });
  };
  onSliders(el, spreadSlider(recipe), { on, move });
  view.onButtons({
    clear: () => move({ left: null }),
    again: () => {
      const [low, high] = ranges.seed,
        { seed } = now();
      move({ seed: seed < high ? seed + 1 : low });
    },
    reset: () => {
      hand.note = "Reset. ";
      move(start);
      view.speak();
    },
    ...(pictures ? { previous: () => pick(-1), next: () => pick(1) } : {}),
  });
  if (!select) return;
  on(select, "change", () =>
    move({ left: select.value === "drawn" ? null : Number(select.value) }),
  );
}

export default { render };
