// The live part of every explorer: the page follows the model's state, and says what has moved.
import { draggable, onThemeChange } from "./canvas.js";

const SAY_AFTER_MS = 250;
const ARROW_KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

// A page around its own part; `said` is the class of the read-out. Without the attribute, Lab would
// take letters typed here as its own shortcuts.
export const framed = (said, inside) => `<div class="cx" data-lm-suppress-shortcuts="true">
  ${inside}
  <p class="${said}" aria-live="polite"></p><p class="cx-error" role="alert" hidden></p></div>`;

// For a page that stands in el. `fields` name the traits that are the state; draw(state) returns
// what there is to tell; tell(it, before) puts that in words, `before` being what was told last or
// undefined; everything is drawn again when the element `sized` changes its size.
export function makeView({ model, el }, { fields, draw, tell, sized }) {
  const [root, said, error] = [".cx", "[aria-live]", ".cx-error"].map((s) => el.querySelector(s));
  let drawn = "",
    news,
    told,
    sayTimer;
  const now = () => Object.fromEntries(fields.map((name) => [name, model.get(name)]));

  function guarded(run) {
    // an exception is shown where the picture would be
    try {
      run();
    } catch (exception) {
      error.textContent = `The explorer stopped: ${exception.message}`;
      error.hidden = false;
      console.error(exception);
    }
  }
  function speak() {
    // after a pause, so that a drag does not chatter
    clearTimeout(sayTimer);
    if (news)
      sayTimer = setTimeout(
        () =>
          guarded(() => {
            said.textContent = tell(news, told);
            told = news;
          }),
        SAY_AFTER_MS,
      );
  }
  function drawAgain() {
    news = draw(now());
    error.hidden = true;
    speak();
  }
  function redraw() {
    // one move may announce itself more than once
    const key = JSON.stringify(now());
    if (key !== drawn) drawAgain();
    drawn = key;
  }
  function move(change) {
    model.set(change);
    model.save_changes(); // at once: an echo of an older value overwrites
    redraw(); // whatever has not been handed over by then
  }

  const on = (target, type, run) =>
    target.addEventListener(type, (event) => guarded(() => run(event)));
  const onDrag = (canvas, run) => draggable(canvas, (x, y) => guarded(() => run(x, y)));
  const onArrows = (target, run) =>
    on(target, "keydown", (event) => {
      if (!(event.key in ARROW_KEYS)) return;
      event.preventDefault();
      run(...ARROW_KEYS[event.key].map((step) => step * (event.shiftKey ? 5 : 1)));
    });
  function onButtons(runs) {
    // by the name in data-do
    for (const [name, run] of Object.entries(runs)) {
      on(el.querySelector(`button[data-do=${name}]`), "click", run);
    }
  }
  function start() {
    // returns what ends it
    const update = () => guarded(redraw),
      again = () => guarded(drawAgain);
    // Arrow keys would move through the notebook, and the sliders never see them.
    root.addEventListener("keydown", (event) => event.stopPropagation());
    model.on("change", update);
    const forget = onThemeChange(again),
      resized = new ResizeObserver(again);
    resized.observe(sized);
    update();
    return () => {
      model.off("change", update);
      forget();
      resized.disconnect();
      clearTimeout(sayTimer);
    };
  }
  return { now, move, speak, guarded, on, onDrag, onArrows, onButtons, start };
}

// "n 10 → 20, seed 0 → 1. ", each value as show(name, value) has it; empty if nothing has moved.
export function changes(before, state, show, remarks = {}) {
  const moved = Object.keys(before ?? {}).filter((name) => before[name] !== state[name]);
  const words = moved.map(
    (name) =>
      `${name} ${show(name, before[name])} → ${show(name, state[name])}${remarks[name] ?? ""}`,
  );
  return words.length ? `${words.join(", ")}. ` : "";
}
