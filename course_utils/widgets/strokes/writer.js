// The view: a picture to drag, knobs, a strip that turns one knob. The model holds the state alone.
import { clamp, theme } from "../_shared/canvas.js";
import { makeView } from "../_shared/view.js";
import { knobNamed, sampleDigit, sampleStyle, turned } from "./math.js";
import { uniformFrom, valueOf } from "./math.js";
import { describeChange, describeState, meaningOf } from "./words.js";
import { twoDecimals, withUnit } from "./words.js";
import { drawLarge, drawStrip, stripHeight, stripScale } from "./pictures.js";
import { pageOf } from "./page.js";

const TRAITS = ["digit", "slant", "weight", "size", "angle", "wobble", "knob"];
const SEED = 1;

// On the slider's lattice, so that values read well; a turn from inside never leaves the range.
function onLattice({ low, high, step }, value) {
  return clamp(Number((Math.round(value / step) * step).toFixed(4)), low, high);
}

function render({ model, el }) {
  const recipe = model.get("recipe"),
    uniform = uniformFrom(SEED);
  el.innerHTML = pageOf(recipe, `digit-${Math.random()}`);
  const [pad, strip] = el.querySelectorAll("canvas"),
    root = el.querySelector(".cx");
  const inputs = [...el.querySelectorAll("input")];
  let note = "";

  function draw(state) {
    for (const input of inputs) place(recipe, input, state);
    placeWords(el, recipe, state);
    strip.style.height = `${stripHeight(stripScale(recipe, state.knob, strip.clientWidth).side)}px`;
    drawLarge(pad, recipe, state);
    drawStrip(strip, recipe, state, theme(el));
    return state;
  }
  function tell(state, before) {
    const first = note;
    note = "";
    if (before && !first) return describeChange(recipe, before, state);
    return first + describeState(recipe, state);
  }
  const view = makeView({ model, el }, { fields: TRAITS, draw, tell, sized: root });
  const { now, move, on } = view;
  function turn(name, value) {
    const knob = knobNamed(recipe, name);
    move({ ...turned(now(), name, knob ? onLattice(knob, value) : value), knob: name });
  }
  function chance(what) {
    const [before, after] = [now(), {}];
    if (what !== "style") after.digit = sampleDigit(uniform);
    if (what !== "digit") Object.assign(after, sampleStyle(recipe, uniform));
    note = {
      both: `Drawn from p(z), all knobs: ${before.digit} → ${after.digit}. `,
      digit: `Drawn from p(z), the digit alone: ${before.digit} → ${after.digit}. `,
      style: "Drawn from p(z), the style alone. ",
    }[what];
    move(after);
    view.speak(); // the same digit again is news too
  }

  let grip = null; // where a drag began, and from which values
  pad.addEventListener("pointerdown", () => {
    grip = null;
    pad.focus();
  });
  view.onDrag(pad, (x, y) => {
    grip ??= { x, y, ...now() };
    const across = (x - grip.x) / pad.clientWidth,
      up = (grip.y - y) / pad.clientHeight;
    if (!across && !up) return;
    const dragged = ["slant", "weight"].map((name, i) => {
      const knob = knobNamed(recipe, name),
        reach = knob.high - knob.low;
      return [name, onLattice(knob, grip[name] + [across, up][i] * reach)];
    });
    const knob = Math.abs(across) >= Math.abs(up) ? "slant" : "weight";
    move({ ...Object.fromEntries(dragged), knob });
  });
  view.onDrag(strip, (x) => {
    const name = now().knob,
      value = stripScale(recipe, name, strip.clientWidth).value(x);
    turn(name, name === "digit" ? Math.round(value) : value);
  });
  view.onArrows(pad, (dx, dy) => {
    const name = dx ? "slant" : "weight";
    turn(name, now()[name] + (dx || dy) * knobNamed(recipe, name).step);
  });
  on(root, "keydown", (event) => {
    const held = event.ctrlKey || event.metaKey || event.altKey;
    if (/^[0-9]$/.test(event.key) && !held) turn("digit", Number(event.key));
  });
  for (const input of inputs) {
    on(input, "input", () => turn(input.dataset.field, Number(input.value)));
  }
  view.onButtons({
    both: () => chance("both"),
    digit: () => chance("digit"),
    style: () => chance("style"),
    reset: () => {
      note = "Reset. ";
      move(recipe.start);
    },
  });
  return view.start();
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
  const alone = knobNamed(recipe, state.knob)?.label ?? "digit";
  say(".sw-alone figcaption span", alone);
  say("summary b", state.wobble.some(Boolean) ? state.wobble.map(twoDecimals).join("  ") : "none");
  el.querySelector(".sw-pad").setAttribute(
    "aria-label",
    `The digit ${state.digit} as written. ` +
      "Left and right change the slant, up and down the weight, Shift makes larger steps, " +
      "0 to 9 pick the digit.",
  );
  el.querySelector(".sw-strip").setAttribute(
    "aria-label",
    `The digit with ${alone} from its lowest to its highest value, all other knobs held.`,
  );
}

export default { render };
