// The view: a half to draw in or to pick, and what completes it. The model holds the state alone.
import { begin, clamp, greys, theme } from "../_shared/canvas.js";
import { makeView } from "../_shared/view.js";
import { onSliders, placeNumbers, placeSliders } from "../_shared/controls.js";
import { unpackedPictures } from "../_shared/latent_decoder.js";
import { twoDecimals } from "../_shared/say.js";
import { paintPicture, rimmed } from "../_shared/latent_pictures.js";
import { describeHalfChange, isPicked } from "./halves_words.js";
import { brushed, errorsOf, halfOf, joined } from "./halves_math.js";
import { makeCompleter, pixelsOf, rowsOf } from "./halves_math.js";
import { halvesPage, spreadSlider } from "./halves_page.js";

// recipe: { start, image, pictures, latents, decoder, prior, ranges, log_var_range, shown, draws }
const STATE = ["left", "seed", "spread"];
const HINT = ["draw the", "left half", "of a digit", "here"];

function render({ model, el }) {
  const recipe = model.get("recipe");
  const { image } = recipe;
  const [height, width] = image;
  const wholes = unpackedPictures(model.get("packed_originals"), 2 * height * width);
  el.innerHTML = halvesPage(recipe, `tool-${Math.random()}`);
  const $ = (selector) => el.querySelector(selector);
  const hand = { pen: [Math.floor(width / 2), Math.floor(height / 2)], shown: false, note: "" };
  const page = { el, $, recipe, image, wholes, hand, pad: $(".cd-pad") };
  Object.assign(page, { complete: makeCompleter(model, recipe), drawPad: makePad(page) });
  const tell = (shown, before) =>
    describeHalfChange(recipe, { before: before?.state, state: shown.state, shown });
  const draw = (state) => showAll(page, state);
  page.view = makeView({ model, el }, { fields: STATE, draw, tell, sized: page.pad, hand });
  listenToPen(page);
  listenToKeys(page);
  listenToChoices(page);
  return page.view.start();
}

// --- what is shown ---

// Returns what draws it: the half, the pen, and at first what to do.
function makePad({ el, pad, image, wholes, hand }) {
  const sheet = document.createElement("canvas");
  return ({ left }) => {
    const { ctx, width, height } = begin(pad);
    const colours = theme(el);
    paintPicture(sheet, pixelsOf(left, wholes, image), image);
    ctx.imageSmoothingEnabled = false;
    ctx.drawImage(sheet, 0, 0, width, height);
    if (left === null) drawHint(ctx, { width, height });
    if (hand.shown) drawPen(ctx, { side: width / image[1], at: hand.pen }, colours);
  };
}

function showAll(page, state) {
  const { el, $, recipe, image, wholes } = page;
  const { left } = state;
  const of = page.complete(pixelsOf(left, wholes, image), state);
  const truth = isPicked(left) ? halfOf(wholes[left], image, 1) : null;
  const errors = truth && errorsOf(of, truth, recipe.shown);
  page.drawPad(state);
  showWholes(page, left, of);
  placeSliders(el, spreadSlider(recipe), state);
  if (wholes.length) $("select").value = isPicked(left) ? left : "drawn";
  const [one, mean, best] = errors?.map(twoDecimals) ?? ["–", "–", "–"];
  placeNumbers(el, { variance: twoDecimals(of.variance), one, mean, best });
  return { state, variance: of.variance, errors };
}

function showWholes({ el, $, image, wholes }, left, { rights, mean }) {
  const y = pixelsOf(left, wholes, image);
  const paint = (canvas, pixels) => paintPicture(canvas, pixels, [image[0], 2 * image[1]]);
  const nine = el.querySelectorAll(".cd-completion");
  nine.forEach((canvas, i) => paint(canvas, joined(y, rights[i], image)));
  paint($(".cd-mean"), joined(y, Float32Array.from(mean), image));
  $(".cd-true").hidden = !isPicked(left);
  $(".cd-name").textContent = isPicked(left) ? left : "";
  if (isPicked(left)) paint($(".cd-truth"), wholes[left]);
}

function drawHint(ctx, { width, height }) {
  const { ink } = greys();
  Object.assign(ctx, { fillStyle: `rgb(${ink} ${ink} ${ink} / 0.7)`, textAlign: "center" });
  ctx.font = `15px ${ctx.font.split("px ")[1]}`;
  HINT.forEach((text, i) => ctx.fillText(text, width / 2, height / 2 + 21 * (i - 1)));
}

function drawPen(ctx, { side, at: [column, row] }, colours) {
  for (const { stroke, width } of rimmed({ paper: colours.paper, ink: "#e65100" }, 2.5)) {
    Object.assign(ctx, { strokeStyle: stroke, lineWidth: width });
    ctx.strokeRect(column * side, row * side, side, side);
  }
}

// --- what moves it ---

function stroke({ view, $, image, wholes }, ends, erase = $("input[value=erase]").checked) {
  const rows = rowsOf(view.now().left, wholes, image);
  view.move({ left: brushed(rows, ends, erase) });
}

function showPen({ view, hand, drawPad }, shown) {
  hand.shown = shown;
  drawPad(view.now());
}

function listenToPen(page) {
  const { view, $, pad, hand, image } = page;
  let last = null; // where the stroke under way has come to
  view.on(pad, "pointerdown", () => {
    last = null;
    pad.focus();
    hand.shown = false; // which the focus may have set
  });
  view.onDrag(pad, (x, y) => {
    const at = [(x / pad.clientWidth) * image[1], (y / pad.clientHeight) * image[0]];
    stroke(page, [last ?? at, at]);
    last = at;
  });
  // By the keyboard, not by a press.
  view.on(pad, "focus", () => showPen(page, pad.matches(":focus-visible")));
  view.on(pad, "blur", () => {
    $(".cd-pen").textContent = "";
    showPen(page, false);
  });
}

function listenToKeys(page) {
  const { view, $, pad, hand, image } = page;
  const middle = () => hand.pen.map((place) => place + 0.5);
  const dot = (erase) => {
    stroke(page, [middle(), middle()], erase);
    showPen(page, true);
  };
  view.onKeys(pad, { " ": undefined, Delete: true, Backspace: true }, dot);
  view.onArrows(pad, (dx, dy, draws) => {
    const [from, [column, row]] = [middle(), hand.pen];
    const to = [column + Math.sign(dx), row - Math.sign(dy)];
    hand.pen = [clamp(to[0], 0, image[1] - 1), clamp(to[1], 0, image[0] - 1)];
    if (draws) stroke(page, [from, middle()]);
    showPen(page, true);
    $(".cd-pen").textContent = `pen at row ${hand.pen[1] + 1}, column ${hand.pen[0] + 1}`;
  });
}

function listenToChoices({ view, el, $, recipe, hand }) {
  const { now, move, on } = view;
  const { pictures, ranges, start } = recipe;
  onSliders(el, spreadSlider(recipe), { on, move });
  const again = () => {
    const [low, high] = ranges.seed;
    const { seed } = now();
    move({ seed: seed < high ? seed + 1 : low });
  };
  const reset = () => {
    hand.note = "Reset. ";
    move(start);
    view.speak();
  };
  view.onButtons({ clear: () => move({ left: null }), again, reset });
  if (pictures) listenToPicks(view, $("select"), pictures);
}

function listenToPicks({ now, move, on, onButtons }, select, pictures) {
  const pick = (step) => {
    const { left } = now();
    const first = step > 0 ? 0 : pictures - 1;
    move({ left: isPicked(left) ? (left + step + pictures) % pictures : first });
  };
  onButtons({ previous: () => pick(-1), next: () => pick(1) });
  on(select, "change", () =>
    move({ left: select.value === "drawn" ? null : Number(select.value) }),
  );
}

export default { render };
