// The view: three canvases, five sliders, numbers and a sentence. The model holds the state alone.
import { clamp, draggable, onThemeChange, theme } from "./canvas.js";
import { MAX_DIMENSION, TRUST, essText, grouped } from "./monte_carlo_math.js";
import { neededText, picture, signed } from "./monte_carlo_math.js";
import { LOW_SIGMA, round, toN, toSigma } from "./monte_carlo_pictures.js";
import { drawPad, drawRunning, drawWeights } from "./monte_carlo_pictures.js";
import { padScale, runningScale } from "./monte_carlo_pictures.js";

const START = { dimension: 2, sigma: 0.3, n: 1000, seed: 0, proposal: 0 };
const FIELDS = Object.keys(START), SIGMA_STEP = Math.log10(20) / 65;
const SAY_AFTER_MS = 250;

// `from` turns a state into the slider's own number, `to` back.
const SLIDERS = {
  dimension: { label: "dimension L", min: 1, max: MAX_DIMENSION, step: 1, show: String },
  sigma: { label: "noise σ", min: Math.log10(LOW_SIGMA), max: 0, step: SIGMA_STEP,
    show: (v) => String(round(v, 3)), from: Math.log10, to: toSigma },
  n: { label: "draws n", min: 1, max: 5, step: 0.05, show: grouped, from: Math.log10, to: toN },
  proposal: { label: "draw from q, prior → posterior", min: 0, max: 1, step: 0.01,
    show: (v) => `${Math.round(100 * v)} %` },
  seed: { label: "seed", min: 0, max: 99, step: 1, show: String },
};
const slider = (name) => {
  const { label, min, max, step } = SLIDERS[name];
  return `<label class="cx-slider"><span>${label}</span><b data-shows="${name}"></b>
    <input type="range" data-field="${name}" min="${min}" max="${max}" step="${step}"></label>`;
};
const NUMBERS = { estimate: "estimate [nats]", exact: "exact [nats]", miss: "miss [nats]",
  bar: "error bar", ess: "ESS", needed: "draws for 10 % error" };
const PAGE = `<div class="cx" data-lm-suppress-shortcuts="true">
  <div class="cx-figures">
    <figure><figcaption>How many draws a 10 % error takes
        <small>drag or arrow keys <i class="k-q"></i>n draws are enough</small></figcaption>
      <canvas class="mc-pad" tabindex="0" role="application"
        aria-roledescription="two-dimensional slider" aria-label="Dimension and sigma. Left and
        right change the dimension, up and down sigma, Shift makes larger steps."></canvas></figure>
    <figure><figcaption>Who decides the average?
        <small>share of the total weight</small></figcaption>
      <canvas class="mc-weights" role="img"
        aria-label="Bars: the largest weights"></canvas></figure>
    <figure class="cx-wide"><figcaption>The running estimate <small><i class="k-p"></i>exact
        <i class="k-q"></i>estimate <i class="k-band"></i>± 1 std error
        <i class="k-void"></i>void: ESS &lt; ${TRUST}</small></figcaption>
      <canvas class="mc-running" role="img" aria-label="Curve: the estimate of log p(x) against the
        number of draws, beside the exact value. Drag sets the number of draws."></canvas></figure>
  </div>
  <div class="cx-sliders">${Object.keys(SLIDERS).map(slider).join("")}
    <span class="cx-buttons"><button type="button" data-do="draw">new draws</button>
    <button type="button" data-do="reset">reset</button></span></div>
  <div class="cx-numbers">${Object.entries(NUMBERS).map(([key, label]) =>
    `<div><small>${label}</small> <span data-number="${key}"></span></div>`).join("")}</div>
  <p class="mc-said" aria-live="polite"></p><p class="cx-error" role="alert" hidden></p></div>`;

// --- the live page ---

const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

function render({ model, el }) {
  el.innerHTML = PAGE;
  const $ = (selector) => el.querySelector(selector);
  const [pad, weights, running] = [".mc-pad", ".mc-weights", ".mc-running"].map($);
  const inputs = [...el.querySelectorAll("input")];
  let shown = {}, sayTimer;
  const now = () => Object.fromEntries(FIELDS.map((name) => [name, model.get(name)]));

  function draw() {
    const state = now(), pic = picture(state), colours = theme(el);
    drawPad(pad, state, colours);
    drawWeights(weights, pic, colours);
    drawRunning(running, pic, colours);
    showNumbers(el, pic);
    for (const input of inputs) place(input, state, el);
    say(state, pic.text);
  }
  function say(state, text) {                    // after a pause, so that a drag does not chatter
    clearTimeout(sayTimer);
    sayTimer = setTimeout(() => {
      const moved = FIELDS.filter((name) => name in shown && shown[name] !== state[name]);
      const words = moved.map((name) => {
        const { show } = SLIDERS[name];
        return `${name} ${show(shown[name])} → ${show(state[name])}`;
      }).join(", ");
      $(".mc-said").textContent = (words && `${words}. `) + text;
      shown = state;
    }, SAY_AFTER_MS);
  }
  function guarded(run) {                        // an exception is shown where the picture would be
    const error = $(".cx-error");
    try { run(); error.hidden = true; } catch (exception) {
      error.textContent = `The explorer stopped: ${exception.message}`;
      error.hidden = false;
      console.error(exception);
    }
  }
  let drawn = "";
  function redraw() {                            // one move may announce itself more than once
    const key = JSON.stringify(now());
    if (key !== drawn) draw();
    drawn = key;
  }
  function move(change) {
    model.set(change);
    model.save_changes();                        // at once: an echo of an older value overwrites
    redraw();                                    // whatever has not been handed over by then
  }

  const on = (target, type, run) =>
    target.addEventListener(type, (event) => guarded(() => run(event)));

  draggable(pad, (x, y) => guarded(() => {
    const to = padScale(pad.clientWidth, pad.clientHeight);
    pad.focus();
    move({ dimension: to.dimension(x), sigma: to.sigma(y) });
  }));
  draggable(running, (x) => guarded(() => {
    const pic = { draws: [], estimate: [], exact: 0 };
    move({ n: runningScale(pic, running.clientWidth, running.clientHeight).n(x) });
  }));
  on(pad, "keydown", (event) => {
    if (!(event.key in KEYS)) return;
    const [dx, dy] = KEYS[event.key].map((step) => step * (event.shiftKey ? 5 : 1)), state = now();
    event.preventDefault();
    move({ dimension: clamp(state.dimension + dx, 1, MAX_DIMENSION),
      sigma: toSigma(Math.log10(state.sigma) + dy * SIGMA_STEP) });
  });
  for (const input of inputs) {
    const { field } = input.dataset, { to = Number } = SLIDERS[field];
    on(input, "input", () => move({ [field]: to(Number(input.value)) }));
  }
  on($("[data-do=draw]"), "click", () => move({ seed: (now().seed + 1) % 100 }));
  on($("[data-do=reset]"), "click", () => move(START));
  // Arrow keys would move through the notebook, and the sliders never see them.
  $(".cx").addEventListener("keydown", (event) => event.stopPropagation());
  const update = () => guarded(redraw), again = () => guarded(draw);
  model.on("change", update);
  const forget = onThemeChange(again), resized = new ResizeObserver(again);
  resized.observe(running);
  update();
  return () => {
    model.off("change", update);
    forget();
    resized.disconnect();
    clearTimeout(sayTimer);
  };
}

function place(input, state, el) {
  const { field } = input.dataset, { show, from = Number } = SLIDERS[field];
  const text = show(state[field]);
  input.value = from(state[field]);
  input.setAttribute("aria-valuetext", text);
  el.querySelector(`[data-shows=${field}]`).textContent = text;
}

function showNumbers(el, { estimate, exact, std_error, ess, log10_needed }) {
  const [value, error, size] = [estimate, std_error, ess].map((a) => a.at(-1));
  const isVoid = size < TRUST;
  const miss = Math.abs(value - exact) < 0.005 ? 0 : value - exact, plus = miss > 0 ? "+" : "";
  const numbers = { estimate: signed(value), exact: signed(exact), miss: plus + signed(miss),
    bar: isVoid ? `void: ESS ${essText(size)}` : `± ${error.toFixed(2)}`, ess: essText(size),
    needed: neededText(log10_needed) };
  for (const [key, text] of Object.entries(numbers)) {
    el.querySelector(`[data-number=${key}]`).textContent = text;
  }
  el.querySelector(".cx-numbers").classList.toggle("cx-void", isVoid);
}

export default { render };
