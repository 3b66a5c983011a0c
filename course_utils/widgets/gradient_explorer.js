// The view: three canvases, controls, numbers and a sentence. The model holds the state alone.
import { clamp, draggable, onThemeChange, theme } from "./canvas.js";
import { FUNCTIONS, fixed, hasNoVariance, isWrong } from "./gradient_math.js";
import { meanWithError, picture, plain, shown } from "./gradient_math.js";
import { HIGH_SIGMA, LOW_SIGMA, MOST_MU, toMu, toN, toSigma } from "./gradient_pictures.js";
import { drawHistograms, drawPad, drawRunning } from "./gradient_pictures.js";
import { padScale, runningScale } from "./gradient_pictures.js";

const START = { f: "z^2", mu: 1, sigma: 0.5, n: 1000, seed: 0, parameter: "mu", baseline: false };
const FIELDS = Object.keys(START), MU_STEP = 0.05, SIGMA_STEP = 0.05;
const SAY_AFTER_MS = 250;

// `from` turns a state into the slider's own number, `to` back.
const SLIDERS = {
  mu: { label: "mean μ", min: -MOST_MU, max: MOST_MU, step: MU_STEP, show: plain, to: toMu },
  sigma: { label: "standard deviation σ", min: Math.log10(LOW_SIGMA), max: Math.log10(HIGH_SIGMA),
    step: SIGMA_STEP, show: plain, from: Math.log10, to: toSigma },
  n: { label: "draws n", min: 1, max: 4, step: 0.05, show: (n) => fixed(n, 0), from: Math.log10,
    to: toN },
  seed: { label: "seed", min: 0, max: 99, step: 1, show: String },
};
const withSquare = (f) => f.replace("^2", "²");
const SHOW = { f: withSquare, parameter: String, baseline: (on) => (on ? "on" : "off") };
const SYMBOLS = { mu: "μ", sigma: "σ" };
const MOVED = { mu: " (every draw moved along)",
  sigma: " (each draw moved in proportion to its eps)" };
const slider = (name) => {
  const { label, min, max, step } = SLIDERS[name];
  return `<label class="cx-slider"><span>${label}</span><b data-shows="${name}"></b>
    <input type="range" data-field="${name}" min="${min}" max="${max}" step="${step}"></label>`;
};
const NAMES = { step: "step: 1 if z > 0, else 0" };
const option = (f) => `<option value="${f}">${NAMES[f] ?? withSquare(f)}</option>`;
const NUMBERS = { exact: "exact gradient", score: "score function: mean ± SE",
  scoreVariance: "variance of one draw", ratio: "ratio of the variances",
  path: "pathwise: mean ± SE", pathVariance: "variance of one draw", needed: "draws needed, exact ratio" };
const page = (group) => `<div class="cx" data-lm-suppress-shortcuts="true">
  <div class="cx-figures">
    <figure><figcaption>f(z) and the draws
        <small>drag or arrows <i class="gr-q"></i>q <b class="gr-arrow">→</b> f as
          <span class="gr-symbol"></span> grows</small></figcaption>
      <canvas class="gr-pad" tabindex="0" role="application"
        aria-roledescription="two-dimensional slider" aria-label="Mean and standard deviation of q.
        Left and right change mu, up and down sigma, Shift makes larger steps."></canvas></figure>
    <figure><figcaption>One gradient from each draw
        <small><i class="k-p"></i>exact &nbsp;⊢⊣ mean ± sd
        <i class="k-void"></i>beyond</small></figcaption>
      <canvas class="gr-draws" role="img" aria-label="Two histograms on one axis: the gradients of
        single draws, score function above, pathwise below, and the exact value."></canvas></figure>
    <figure class="cx-wide"><figcaption>Their running averages <small><i class="k-p"></i>exact
        <i class="gr-score"></i>score function <i class="k-q"></i>pathwise; bands ± 1
        SE</small></figcaption>
      <canvas class="gr-running" role="img" aria-label="Curves: both averages against the number
        of draws, beside the exact gradient. Drag sets the number of draws."></canvas></figure>
  </div>
  <div class="cx-sliders">${Object.keys(SLIDERS).map(slider).join("")}
    <span class="gr-row"><label>f(z) = <select data-field="f">${
      Object.keys(FUNCTIONS).map(option).join("")}</select></label>
      <span role="radiogroup" aria-label="gradient in">gradient in
        ${["mu", "sigma"].map((name) => `<label><input type="radio" name="${group}" value="${name}"
          data-field="parameter" aria-label="${name}">${SYMBOLS[name]}</label>`).join(" ")}
      </span></span>
    <span class="gr-row"><label><input type="checkbox" data-field="baseline">baseline: the mean f of
      the other draws</label>
    <span class="cx-buttons"><button type="button" data-do="draw">new draws</button>
    <button type="button" data-do="reset">reset</button></span></span></div>
  <div class="cx-numbers gr-numbers">${Object.entries(NUMBERS).map(([key, label]) =>
    `<div><small>${label}</small> <span data-number="${key}"></span></div>`).join("")}</div>
  <p class="gr-said" aria-live="polite"></p><p class="cx-error" role="alert" hidden></p>
  </div>`;

// --- the live page ---

const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
let views = 0;                                   // radio buttons of two views must not be one group

function render({ model, el }) {
  el.innerHTML = page(`gr-parameter-${++views}`);
  const $ = (selector) => el.querySelector(selector);
  const [pad, histograms, running] = [".gr-pad", ".gr-draws", ".gr-running"].map($);
  const inputs = [...el.querySelectorAll("[data-field]")];
  let shownState = {}, sayTimer, scale;
  const now = () => Object.fromEntries(FIELDS.map((name) => [name, model.get(name)]));

  function draw() {
    const state = now(), pic = picture(state), colours = theme(el);
    drawPad(pad, state, colours);
    drawHistograms(histograms, pic, colours);
    drawRunning(running, pic, colours);
    scale = pic;
    showNumbers(el, pic);
    for (const input of inputs) place(input, state, el);
    $(".gr-symbol").textContent = SYMBOLS[state.parameter];
    say(state, pic.text);
  }
  function say(state, text) {                    // after a pause, so that a drag does not chatter
    clearTimeout(sayTimer);
    sayTimer = setTimeout(() => {
      $(".gr-said").textContent = changes(shownState, state) + text;
      shownState = state;
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
    move({ mu: to.mu(x), sigma: to.sigma(y) });
  }));
  draggable(running, (x) => guarded(() =>
    move({ n: runningScale(scale, running.clientWidth, running.clientHeight).n(x) })));
  on(pad, "keydown", (event) => {
    if (!(event.key in KEYS)) return;
    const [dx, dy] = KEYS[event.key].map((step) => step * (event.shiftKey ? 5 : 1)), state = now();
    event.preventDefault();
    move({ mu: toMu(state.mu + dx * MU_STEP),
      sigma: dy ? toSigma(Math.log10(state.sigma) + dy * SIGMA_STEP) : state.sigma });
  });
  for (const input of inputs) {
    const { field } = input.dataset, { to = Number } = SLIDERS[field] ?? { to: String };
    on(input, "input", () =>
      move({ [field]: input.type === "checkbox" ? input.checked : to(input.value) }));
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

function changes(before, state) {
  const moved = FIELDS.filter((name) => name in before && before[name] !== state[name]);
  const words = moved.map((name) => {
    const show = SHOW[name] ?? SLIDERS[name].show;
    return `${name} ${show(before[name])} → ${show(state[name])}${MOVED[name] ?? ""}`;
  }).join(", ");
  return words && `${words}. `;
}

function place(input, state, el) {
  const { field } = input.dataset, value = state[field];
  if (input.type === "checkbox") input.checked = value;
  else if (input.type === "radio") input.checked = input.value === value;
  else if (!(field in SLIDERS)) input.value = value;
  else {
    const { show, from = Number } = SLIDERS[field], text = show(value);
    input.value = from(value);
    input.setAttribute("aria-valuetext", text);
    el.querySelector(`[data-shows=${field}]`).textContent = text;
  }
}

function showNumbers(el, pic) {
  const { state: { f, n }, exact, score_variance, path_variance } = pic;
  const [score, scoreError, path, pathError] = ["score_mean", "score_error", "path_mean",
    "path_error"].map((name) => pic[name].at(-1));
  const [ofScore, ofPath] = [scoreError, pathError].map((error) => error * error * n);
  const ratio = (a, b) => (f === "step" || hasNoVariance(b) ? "—" : `× ${shown(a / b)}`);
  const numbers = { exact: shown(exact), score: meanWithError(score, scoreError),
    scoreVariance: shown(ofScore), path: meanWithError(path, pathError),
    pathVariance: shown(ofPath), ratio: ratio(ofScore, ofPath),
    needed: ratio(score_variance, path_variance) };
  for (const [key, text] of Object.entries(numbers)) {
    el.querySelector(`[data-number=${key}]`).textContent = text;
  }
  el.querySelector(".cx-numbers").classList.toggle("gr-wrong", isWrong(f, exact));
}

export default { render };
