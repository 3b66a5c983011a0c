// The live part of every explorer: the page follows the model's state, and says what has moved.
import { onThemeChange } from "./canvas.js";

const SAY_AFTER_MS = 250;
const ARROW_KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

// A page around its own part; `said` is the class of the read-out.
export const framed = (said, inside) => `<div class="cx">
  ${inside}
  <p class="${said}" aria-live="polite"></p><p class="cx-error" role="alert" hidden></p></div>`;

// For a page that stands in el. `fields` name the traits that are the state; draw(state) returns
// what there is to tell; tell(it, before) puts that in words, `before` being what was told last or
// undefined, or returns undefined while more is to come; a note of the `hand`, if given, is said
// in front, with `before` undefined; everything is drawn again when the element `sized` changes its
// size.
export function makeView({ model, el }, { fields, draw, sized, ...words }) {
  const [root, said, error] = [".cx", "[aria-live]", ".cx-error"].map((s) => el.querySelector(s));
  const guarded = makeGuard(error);
  const speak = makeSpeaker(said, words, guarded);
  const now = () => Object.fromEntries(fields.map((name) => [name, model.get(name)]));
  let drawn = "";
  function drawAgain() {
    speak(draw(now()));
    error.hidden = true;
  }
  function redraw() {
    const key = JSON.stringify(now()); // one move may announce itself more than once
    if (key !== drawn) drawAgain();
    drawn = key;
  }
  function move(change) {
    model.set(change);
    model.save_changes(); // at once: an echo of an older value overwrites
    redraw(); // whatever has not been handed over by then
  }
  const [update, again] = [redraw, drawAgain].map((run) => () => guarded(run));
  const start = () => follow(model, [root, sized], [update, again, speak]);
  return { now, move, speak, guarded, ...makeListeners(el, guarded), start };
}

// An exception is shown where the picture would be.
const makeGuard = (error) => (run) => {
  try {
    run();
  } catch (fault) {
    const textContent = `The explorer stopped: ${fault.message}`;
    Object.assign(error, { textContent, hidden: false });
    console.error(fault);
  }
};

// Speaks after a pause, so that a drag does not chatter; of null, not at all.
function makeSpeaker(said, { tell, hand = { note: "" } }, guarded) {
  let news, told, timer;
  const utter = () => {
    const { note } = hand,
      words = tell(news, note ? undefined : told);
    if (words === undefined) return;
    said.textContent = note + words;
    hand.note = "";
    told = news;
  };
  return (it = news) => {
    news = it;
    clearTimeout(timer);
    if (it) timer = setTimeout(() => guarded(utter), SAY_AFTER_MS);
  };
}

function makeListeners(el, guarded) {
  const on = (target, type, run) =>
    target.addEventListener(type, (event) => guarded(() => run(event)));
  // run(what `keys` has under the pressed one, event).
  const onKeys = (target, keys, run) =>
    on(target, "keydown", (event) => {
      if (!(event.key in keys) || isForLab(event)) return;
      event.preventDefault();
      run(keys[event.key], event);
    });
  // run(right, up, shift), in fives with Shift.
  const onArrows = (target, run) =>
    onKeys(target, ARROW_KEYS, (way, { shiftKey }) =>
      run(...way.map((n) => n * (shiftKey ? 5 : 1)), shiftKey),
    );
  function onButtons(runs) {
    for (const name in runs) on(el.querySelector(`button[data-do=${name}]`), "click", runs[name]);
  }
  return { on, onDrag: makeOnDrag(on), onKeys, onArrows, onButtons };
}

// run(x, y) with CSS pixels inside the canvas, while a button is down.
const makeOnDrag = (on) => (canvas, run) => {
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    run(event.clientX - box.left, event.clientY - box.top);
  };
  on(canvas, "pointerdown", (event) => {
    if (event.isTrusted) canvas.setPointerCapture(event.pointerId);
    at(event);
  });
  on(canvas, "pointermove", (event) => event.buttons & 1 && at(event));
};

// Pressed with one of these, or to go on to the next cell.
export const isForLab = ({ ctrlKey, metaKey, altKey, shiftKey, key }) =>
  ctrlKey || metaKey || altKey || (shiftKey && key === "Enter");

// All other keys stay in a root: Lab would take them as its shortcuts. Until what it returns is
// called.
export function guardKeys(root) {
  // Lab listens on the document, and heeds the attribute.
  const mark = (event) => root.toggleAttribute("data-lm-suppress-shortcuts", !isForLab(event));
  window.addEventListener("keydown", mark, true);
  root.addEventListener("keydown", (event) => isForLab(event) || event.stopPropagation());
  return () => window.removeEventListener("keydown", mark, true);
}

// Until what it returns is called.
function follow(model, [root, sized], [update, again, speak]) {
  const release = guardKeys(root);
  model.on("change", update);
  const forget = onThemeChange(again);
  const resized = new ResizeObserver(again);
  resized.observe(sized);
  update();
  return () => {
    model.off("change", update);
    forget();
    release();
    resized.disconnect();
    speak(null);
  };
}

// "n 10 → 20, seed 0 → 1. ", each value as show(name, value) has it; empty if nothing has moved.
export function changes(before, state, show = (_, text) => text, remarks = {}) {
  const moved = Object.keys(before ?? {}).filter((name) => before[name] !== state[name]);
  const words = moved.map(
    (name) =>
      `${name} ${show(name, before[name])} → ${show(name, state[name])}${remarks[name] ?? ""}`,
  );
  return words.length ? `${words.join(", ")}. ` : "";
}
