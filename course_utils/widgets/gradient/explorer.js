// The view: three canvases, controls, numbers and a sentence. The model holds the state alone.
import { theme } from "../_shared/canvas.js";
import { changes, framed, makeView } from "../_shared/view.js";
import { button, numbersHtml, onSliders, placeNumbers } from "../_shared/controls.js";
import { placeSliders, slidersHtml } from "../_shared/controls.js";
import { SPECS } from "../_shared/say.js";
import { nAt } from "../_shared/running.js";
import { FUNCTIONS, MAX_N, hasNoVariance, isWrong } from "./math.js";
import { lastOf, meanWithError, picture, plain, shown } from "./math.js";
import { HIGH_SIGMA, LOW_SIGMA, MOST_MU, toMu, toN, toSigma } from "./pictures.js";
import { drawHistograms, drawPad, drawRunning, padScale } from "./pictures.js";

const START = { f: "z^2", mu: 1, sigma: 0.5, n: 1000, seed: 0, parameter: "mu", baseline: false };
const FIELDS = Object.keys(START),
  MU_STEP = 0.05,
  SIGMA_STEP = 0.05;
const SIGMAS = [Math.log10(LOW_SIGMA), Math.log10(HIGH_SIGMA), SIGMA_STEP];
const SLIDERS = {
  mu: { label: "mean μ", range: [-MOST_MU, MOST_MU, MU_STEP], show: plain, to: toMu },
  sigma: { label: "standard deviation σ", range: SIGMAS, show: plain, log: toSigma },
  n: { label: "draws n", range: [1, 4, 0.05], show: SPECS[","], log: toN },
  seed: { label: "seed", range: [0, 99, 1], show: String },
};
const withSquare = (f) => f.replace("^2", "²");
const SHOW = { f: withSquare, parameter: String, baseline: (on) => (on ? "on" : "off") };
const SYMBOLS = { mu: "μ", sigma: "σ" };
const MOVED = {
  mu: " (every draw moved along)",
  sigma: " (each draw moved in proportion to its eps)",
};
const NAMES = { step: "step: 1 if z > 0, else 0" };
const option = (f) => `<option value="${f}">${NAMES[f] ?? withSquare(f)}</option>`;
const NUMBERS = {
  exact: "exact gradient",
  score: "score function: mean ± SE",
  scoreVariance: "variance of one draw",
  ratio: "ratio of the variances",
  path: "pathwise: mean ± SE",
  pathVariance: "variance of one draw",
  needed: "draws needed, exact ratio",
};
const FIGURES = `<div class="cx-figures">
    <figure><figcaption>f(z) and the draws
        <small>drag or arrows <i class="gr-q"></i>q <i class="gr-arrow"></i>f as
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
  </div>`;
const radio = (group) => (name) => `<label><input type="radio" name="${group}" value="${name}"
          data-field="parameter">${SYMBOLS[name]}</label>`;
const controls = (group) => `<div class="cx-sliders">${slidersHtml(SLIDERS)}
    <span class="gr-row"><label>f(z) = <select data-field="f">${Object.keys(FUNCTIONS)
      .map(option)
      .join("")}</select></label>
      <span role="radiogroup" aria-label="gradient in">gradient in
        ${Object.keys(SYMBOLS).map(radio(group)).join(" ")}
      </span></span>
    <span class="gr-row"><label><input type="checkbox" data-field="baseline">baseline: the mean f of
      the other draws</label>
    <span class="cx-buttons">${button("draw", "new draws")}
    ${button("reset", "reset")}</span></span></div>
  <div class="cx-numbers gr-numbers">${numbersHtml(Object.entries(NUMBERS))}</div>`;
const page = (group) => framed("gr-said", `${FIGURES} ${controls(group)}`);

// --- the live page ---

const CHOICES = "select, [type=radio], [type=checkbox]";

function render({ model, el }) {
  // radio buttons of two views must not be one group
  el.innerHTML = page(`gr-parameter-${Math.random()}`);
  const draw = (state) => drawPage(el, state);
  const show = (name, value) => (SHOW[name] ?? SLIDERS[name].show)(value);
  const tell = (pic, before) => changes(before?.state, pic.state, show, MOVED) + pic.text;
  const sized = el.querySelector(".gr-running");
  const view = makeView({ model, el }, { fields: FIELDS, draw, tell, sized });
  listen(el, view);
  return view.start();
}

function drawPage(el, state) {
  const pic = picture(state),
    colours = theme(el);
  const [pad, histograms, running] = el.querySelectorAll("canvas");
  drawPad(pad, state, colours);
  drawHistograms(histograms, pic, colours);
  drawRunning(running, pic, colours);
  showNumbers(el, pic);
  placeSliders(el, SLIDERS, state);
  placeChoices(el, state);
  return pic;
}

function listen(el, view) {
  const { now, move } = view,
    [pad, , running] = el.querySelectorAll("canvas");
  view.onDrag(pad, (x, y) => {
    const to = padScale(pad.clientWidth, pad.clientHeight);
    pad.focus();
    move({ mu: to.mu(x), sigma: to.sigma(y) });
  });
  view.onDrag(running, (x) => move({ n: nAt(x, running, MAX_N) }));
  view.onArrows(pad, (dx, dy) => {
    const { mu, sigma } = now();
    const moved = dy ? toSigma(Math.log10(sigma) + dy * SIGMA_STEP) : sigma;
    move({ mu: toMu(mu + dx * MU_STEP), sigma: moved });
  });
  onSliders(el, SLIDERS, view);
  for (const choice of el.querySelectorAll(CHOICES)) {
    const value = () => (choice.type === "checkbox" ? choice.checked : choice.value);
    view.on(choice, "input", () => move({ [choice.dataset.field]: value() }));
  }
  view.onButtons({ draw: () => move({ seed: (now().seed + 1) % 100 }), reset: () => move(START) });
}

function placeChoices(el, { f, parameter, baseline }) {
  el.querySelector("select").value = f;
  el.querySelector(`input[value=${parameter}]`).checked = true;
  el.querySelector("[type=checkbox]").checked = baseline;
  el.querySelector(".gr-symbol").textContent = SYMBOLS[parameter];
}

function showNumbers(el, pic) {
  const { state, exact, score_variance, path_variance } = pic;
  const isStep = state.f === "step";
  const score = lastOf(pic, "score"),
    path = lastOf(pic, "path");
  const ratio = (a, b) => (isStep || hasNoVariance(b) ? "—" : `× ${shown(a / b)}`);
  placeNumbers(el, {
    exact: shown(exact),
    score: meanWithError(score.mean, score.error),
    scoreVariance: shown(score.variance),
    path: meanWithError(path.mean, path.error),
    pathVariance: shown(path.variance),
    ratio: ratio(score.variance, path.variance),
    needed: ratio(score_variance, path_variance),
  });
  el.querySelector(".cx-numbers").classList.toggle("gr-wrong", isWrong(state.f, exact));
}

export default { render };
