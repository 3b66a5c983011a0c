// The view: a picture to drag, knobs, a strip that turns one knob. The model holds the state alone.
import { clamp, theme } from "../_shared/canvas.js";
import { isForLab, makeView } from "../_shared/view.js";
import { knobNamed, sampleDigit, sampleStyle, turned } from "./math.js";
import { uniformFrom, valueOf } from "./math.js";
import { describeChange, meaningOf, withUnit } from "./words.js";
import { twoDecimals } from "../_shared/say.js";
import { drawLarge, drawStrip, stripHeight, stripScale } from "./pictures.js";
import { pageOf } from "./page.js";

// recipe: { skeletons, knobs, start, height, edge, strip, typical }
const TRAITS = ["digit", "slant", "weight", "size", "angle", "wobble", "knob"];
const SEED = 1;

// On the slider's lattice, so that values read well; a turn from inside never leaves the range.
function onLattice({ low, high, step }, value) {
  return clamp(Number((Math.round(value / step) * step).toFixed(4)), low, high);
}

function render({ model, el }) {
  const recipe = model.get("recipe"),
    hand = { note: "" }; // what a button has done
  el.innerHTML = pageOf(recipe, `digit-${Math.random()}`);
  const draw = (state) => drawPage(el, recipe, state);
  const tell = (state, before) => describeChange(recipe, before, state);
  const sized = el.querySelector(".cx");
  const view = makeView({ model, el }, { fields: TRAITS, draw, tell, sized, hand });
  function turn(name, value) {
    const knob = knobNamed(recipe, name);
    view.move({ ...turned(view.now(), name, knob ? onLattice(knob, value) : value), knob: name });
  }
  listenToPad(el.querySelector(".sw-pad"), recipe, view, turn);
  listenToKnobs(el, recipe, view, turn);
  view.onButtons(buttons(recipe, view, hand));
  return view.start();
}

function drawPage(el, recipe, state) {
  const [pad, strip] = el.querySelectorAll("canvas");
  for (const input of el.querySelectorAll("input")) place(recipe, input, state);
  placeWords(el, recipe, state);
  strip.style.height = `${stripHeight(stripScale(recipe, state.knob, strip.clientWidth).side)}px`;
  drawLarge(pad, recipe, state);
  drawStrip(strip, recipe, state, theme(el));
  return state;
}

function listenToPad(pad, recipe, { now, move, onDrag, onArrows }, turn) {
  let grip = null; // where a drag began, and from which values
  pad.addEventListener("pointerdown", () => {
    grip = null;
    pad.focus();
  });
  onDrag(pad, (x, y) => {
    grip ??= { x, y, ...now() };
    const across = (x - grip.x) / pad.clientWidth,
      up = (grip.y - y) / pad.clientHeight;
    if (!across && !up) return;
    const dragged = (name, share) => {
      const knob = knobNamed(recipe, name);
      return onLattice(knob, grip[name] + share * (knob.high - knob.low));
    };
    const knob = Math.abs(across) >= Math.abs(up) ? "slant" : "weight";
    move({ slant: dragged("slant", across), weight: dragged("weight", up), knob });
  });
  onArrows(pad, (dx, dy) => {
    const name = dx ? "slant" : "weight";
    turn(name, now()[name] + (dx || dy) * knobNamed(recipe, name).step);
  });
}

function listenToKnobs(el, recipe, { now, on, onDrag }, turn) {
  const strip = el.querySelector(".sw-strip");
  onDrag(strip, (x) => {
    const { knob } = now(),
      value = stripScale(recipe, knob, strip.clientWidth).value(x);
    turn(knob, knob === "digit" ? Math.round(value) : value);
  });
  on(el.querySelector(".cx"), "keydown", (event) => {
    if (/^[0-9]$/.test(event.key) && !isForLab(event)) turn("digit", Number(event.key));
  });
  for (const input of el.querySelectorAll("input")) {
    on(input, "input", () => turn(input.dataset.field, Number(input.value)));
  }
}

function buttons(recipe, { now, move, speak }, hand) {
  const uniform = uniformFrom(SEED);
  function draw(knobs, change) {
    const digits = "digit" in change ? `: ${now().digit} → ${change.digit}` : "";
    hand.note = `Drawn from p(z), ${knobs}${digits}. `;
    move(change);
    speak(); // the same digit again is news too
  }
  const digit = () => ({ digit: sampleDigit(uniform) });
  const style = () => sampleStyle(recipe, uniform);
  return {
    both: () => draw("all knobs", { ...digit(), ...style() }),
    digit: () => draw("the digit alone", digit()),
    style: () => draw("the style alone", style()),
    reset() {
      hand.note = "Reset. ";
      move(recipe.start);
    },
  };
}

function place(recipe, input, state) {
  const { field } = input.dataset,
    value = valueOf(state, field);
  if (field === "digit") {
    input.checked = Number(input.value) === value;
    return;
  }
  const knob = knobNamed(recipe, field),
    label = input.closest("label");
  const share = (value - knob.low) / (knob.high - knob.low);
  input.value = value;
  input.setAttribute("aria-valuetext", `${withUnit(knob, value)}, ${meaningOf(knob, value)}`);
  label.querySelector("b").textContent = withUnit(knob, value);
  label.style.setProperty("--at", `${100 * share}%`);
  label.classList.toggle("sw-higher", value >= knob.mean);
  label.classList.toggle("sw-touched", field === state.knob);
}

function placeWords(el, recipe, state) {
  const say = (selector, text) => {
    el.querySelector(selector).textContent = text;
  };
  const alone = knobNamed(recipe, state.knob)?.label ?? "digit",
    ends = alone === "digit" ? "0 to 9" : "its lowest to its highest value";
  say(".sw-alone figcaption span", alone);
  say("summary b", state.wobble.some(Boolean) ? state.wobble.map(twoDecimals).join("  ") : "none");
  const label = (selector, text) => el.querySelector(selector).setAttribute("aria-label", text);
  label(
    ".sw-pad",
    `The digit ${state.digit} as written. ` +
      "Left and right change the slant, up and down the weight, Shift makes larger steps, " +
      "0 to 9 pick the digit.",
  );
  label(
    ".sw-strip",
    `The picture with ${alone} from ${ends}, all other knobs held.`,
  );
}

export default { render };
