// The view: a picture to drag, knobs, a strip that turns one knob. The model holds the state alone.
import { clamp, draggable, onThemeChange, theme } from "./canvas.js";
import { knobNamed, sampleDigit, sampleStyle, turned } from "./stroke_writer_math.js";
import { uniformFrom, valueOf } from "./stroke_writer_math.js";
import { describeChange, describeState, meaningOf } from "./stroke_writer_words.js";
import { twoDecimals, withUnit } from "./stroke_writer_words.js";
import { drawLarge, drawStrip, stripHeight, stripScale } from "./stroke_writer_pictures.js";
import { pageOf } from "./stroke_writer_page.js";

const TRAITS = ["digit", "slant", "weight", "size", "angle", "wobble", "knob"];
const SAY_MS = 250, SEED = 1;
const STEPS = { ArrowLeft: ["slant", -1], ArrowRight: ["slant", 1], ArrowUp: ["weight", 1],
  ArrowDown: ["weight", -1] };

// On the slider's lattice, so that values read well; a turn from inside never leaves the range.
function onLattice({ low, high, step }, value) {
  return clamp(Number((Math.round(value / step) * step).toFixed(4)), low, high);
}

function render({ model, el }) {
  const recipe = model.get("recipe"), uniform = uniformFrom(SEED);
  el.innerHTML = pageOf(recipe, `digit-${Math.random()}`);
  const $ = (selector) => el.querySelector(selector);
  const root = $(".cx"), pad = $(".sw-pad"), strip = $(".sw-strip");
  const inputs = [...el.querySelectorAll("input")];
  let spoken, note = "", drawn = "", sayTimer;
  const now = () => Object.fromEntries(TRAITS.map((name) => [name, model.get(name)]));

  function draw() {
    const state = now();
    for (const input of inputs) place(recipe, input, state);
    placeWords(el, recipe, state);
    strip.style.height = `${stripHeight(stripScale(recipe, state.knob, strip.clientWidth).side)}px`;
    drawLarge(pad, recipe, state);
    drawStrip(strip, recipe, state, theme(el));
    $(".cx-error").hidden = true;
    say(state);
  }
  function say(state) {                          // after a pause, so that a drag does not chatter
    clearTimeout(sayTimer);
    sayTimer = setTimeout(() => {
      const change = spoken && !note;
      $(".sw-said").textContent = note
        + (change ? describeChange(recipe, spoken, state) : describeState(recipe, state));
      [spoken, note] = [state, ""];
    }, SAY_MS);
  }
  function guarded(run) {                        // an exception is shown where the picture would be
    try { run(); } catch (exception) {
      $(".cx-error").textContent = `The explorer stopped: ${exception.message}`;
      $(".cx-error").hidden = false;
      console.error(exception);
    }
  }
  function redraw() {                            // one move may announce itself more than once
    const key = JSON.stringify(now());
    if (key !== drawn) draw();
    drawn = key;
  }
  function move(change) {
    model.set(change);
    model.save_changes();                        // at once: it keeps one message under way, and
    redraw();                                    // knows the kernel's echo of an older state
  }
  function turn(name, value) {
    const knob = knobNamed(recipe, name);
    move({ ...turned(now(), name, knob ? onLattice(knob, value) : value), knob: name });
  }
  function chance(what) {
    const [before, after] = [now(), {}];
    if (what !== "style") after.digit = sampleDigit(uniform);
    if (what !== "digit") Object.assign(after, sampleStyle(recipe, uniform));
    note = { both: `Drawn from p(z), all knobs: ${before.digit} → ${after.digit}. `,
      digit: `Drawn from p(z), the digit alone: ${before.digit} → ${after.digit}. `,
      style: "Drawn from p(z), the style alone. " }[what];
    move(after);
    say(now());                                  // the same digit again is news too
  }

  const on = (target, type, run) =>
    target.addEventListener(type, (event) => guarded(() => run(event)));

  let grip = null;                               // where a drag began, and from which values
  pad.addEventListener("pointerdown", () => { grip = null; pad.focus(); });
  draggable(pad, (x, y) => guarded(() => {
    grip ??= { x, y, ...now() };
    const across = (x - grip.x) / pad.clientWidth, up = (grip.y - y) / pad.clientHeight;
    if (!across && !up) return;
    const dragged = ["slant", "weight"].map((name, i) => {
      const knob = knobNamed(recipe, name), reach = knob.high - knob.low;
      return [name, onLattice(knob, grip[name] + [across, up][i] * reach)];
    });
    const knob = Math.abs(across) >= Math.abs(up) ? "slant" : "weight";
    move({ ...Object.fromEntries(dragged), knob });
  }));
  draggable(strip, (x) => guarded(() => {
    const name = now().knob, value = stripScale(recipe, name, strip.clientWidth).value(x);
    turn(name, name === "digit" ? Math.round(value) : value);
  }));
  on(pad, "keydown", (event) => {
    if (!(event.key in STEPS)) return;
    const [name, step] = STEPS[event.key], knob = knobNamed(recipe, name);
    event.preventDefault();
    turn(name, now()[name] + step * knob.step * (event.shiftKey ? 5 : 1));
  });
  on(root, "keydown", (event) => {
    const held = event.ctrlKey || event.metaKey || event.altKey;
    if (/^[0-9]$/.test(event.key) && !held) turn("digit", Number(event.key));
    event.stopPropagation();                     // or arrow keys would move through the notebook
  });
  for (const input of inputs) {
    on(input, "input", () => turn(input.dataset.field, Number(input.value)));
  }
  for (const button of el.querySelectorAll("button")) {
    const what = button.dataset.do;
    on(button, "click", () => {
      if (what !== "reset") return chance(what);
      note = "Reset. ";
      move(recipe.start);
    });
  }
  const update = () => guarded(redraw), again = () => guarded(draw);
  model.on("change", update);
  const forget = onThemeChange(again), resized = new ResizeObserver(again);
  resized.observe(root);
  update();
  return () => {
    model.off("change", update);
    forget();
    resized.disconnect();
    clearTimeout(sayTimer);
  };
}

function place(recipe, input, state) {
  const { field } = input.dataset, value = valueOf(state, field);
  if (field === "digit") {
    input.checked = Number(input.value) === value;
    return;
  }
  const knob = knobNamed(recipe, field), label = input.closest("label");
  const share = (value - knob.low) / (knob.high - knob.low);
  input.value = value;
  input.setAttribute("aria-valuetext", `${withUnit(knob, value)}, ${meaningOf(knob, value)}`);
  label.querySelector("b").textContent = withUnit(knob, value);
  label.style.setProperty("--at", `${100 * share}%`);
  label.classList.toggle("sw-higher", value >= knob.mean);
  label.classList.toggle("sw-touched", field === state.knob);
}

function placeWords(el, recipe, state) {
  const say = (selector, text) => { el.querySelector(selector).textContent = text; };
  const alone = knobNamed(recipe, state.knob)?.label ?? "digit";
  say(".sw-alone figcaption span", alone);
  say("summary b", state.wobble.some(Boolean) ? state.wobble.map(twoDecimals).join("  ") : "none");
  el.querySelector(".sw-pad").setAttribute("aria-label", `The digit ${state.digit} as written. `
    + "Left and right change the slant, up and down the weight, Shift makes larger steps, "
    + "0 to 9 pick the digit.");
  el.querySelector(".sw-strip").setAttribute("aria-label",
    `The digit with ${alone} from its lowest to its highest value, all other knobs held.`);
}

export default { render };
