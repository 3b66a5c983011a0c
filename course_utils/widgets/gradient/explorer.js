// The view: three canvases, controls, numbers and a sentence. The model holds the state alone.
import { theme } from "../_shared/canvas.js";
import { changes, framed, makeView } from "../_shared/view.js";
import { numbersHtml, onSliders, placeNumbers } from "../_shared/controls.js";
import { placeSliders, slidersHtml } from "../_shared/controls.js";
import { FUNCTIONS, fixed, hasNoVariance, isWrong } from "./math.js";
import { meanWithError, picture, plain, shown } from "./math.js";
import { HIGH_SIGMA, LOW_SIGMA, MOST_MU, toMu, toN, toSigma } from "./pictures.js";
import { drawHistograms, drawPad, drawRunning } from "./pictures.js";
import { padScale, runningScale } from "./pictures.js";

const START = { f: "z^2", mu: 1, sigma: 0.5, n: 1000, seed: 0, parameter: "mu", baseline: false };
const FIELDS = Object.keys(START),
  MU_STEP = 0.05,
  SIGMA_STEP = 0.05;

const SLIDERS = {
  mu: { label: "mean μ", min: -MOST_MU, max: MOST_MU, step: MU_STEP, show: plain, to: toMu },
  sigma: {
    label: "standard deviation σ",
    min: Math.log10(LOW_SIGMA),
    max: Math.log10(HIGH_SIGMA),
    step: SIGMA_STEP,
    show: plain,
    from: Math.log10,
    to: toSigma,
  },
  n: {
    label: "draws n",
    min: 1,
    max: 4,
    step: 0.05,
    show: (n) => fixed(n, 0),
    from: Math.log10,
    to: toN,
  },
  seed: { label: "seed", min: 0, max: 99, step: 1, show: String },
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
const page = (group) =>
  framed(
    "gr-said",
    `<div class="cx-figures">
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
  <div class="cx-sliders">${slidersHtml(SLIDERS)}
    <span class="gr-row"><label>f(z) = <select data-field="f">${Object.keys(FUNCTIONS)
      .map(option)
      .join("")}</select></label>
      <span role="radiogroup" aria-label="gradient in">gradient in
        ${["mu", "sigma"]
          .map(
            (name) => `<label><input type="radio" name="${group}" value="${name}"
          data-field="parameter" aria-label="${name}">${SYMBOLS[name]}</label>`,
          )
          .join(" ")}
      </span></span>
    <span class="gr-row"><label><input type="checkbox" data-field="baseline">baseline: the mean f of
      the other draws</label>
    <span class="cx-buttons"><button type="button" data-do="draw">new draws</button>
    <button type="button" data-do="reset">reset</button></span></span></div>
  <div class="cx-numbers gr-numbers">${numbersHtml(Object.entries(NUMBERS))}</div>`,
  );

// --- the live page ---

const CHOICES = "select, [type=radio], [type=checkbox]";

function render({ model, el }) {
  // radio buttons of two views must not be one group
  el.innerHTML = page(`gr-parameter-${Math.random()}`);
  const [pad, histograms, running] = el.querySelectorAll("canvas");
  let scale;

  function draw(state) {
    const pic = picture(state),
      colours = theme(el);
    drawPad(pad, state, colours);
    drawHistograms(histograms, pic, colours);
    drawRunning(running, pic, colours);
    scale = pic;
    showNumbers(el, pic);
    placeSliders(el, SLIDERS, state);
    placeChoices(el, state);
    return pic;
  }
  const show = (name, value) => (SHOW[name] ?? SLIDERS[name].show)(value);
  const tell = (pic, before) => changes(before?.state, pic.state, show, MOVED) + pic.text;
  const view = makeView({ model, el }, { fields: FIELDS, draw, tell, sized: running });
  const { now, move } = view;

  view.onDrag(pad, (x, y) => {
    const to = padScale(pad.clientWidth, pad.clientHeight);
    pad.focus();
    move({ mu: to.mu(x), sigma: to.sigma(y) });
  });
  view.onDrag(running, (x) =>
    move({ n: runningScale(scale, running.clientWidth, running.clientHeight).n(x) }),
  );
  view.onArrows(pad, (dx, dy) => {
    const { mu, sigma } = now();
    move({
      mu: toMu(mu + dx * MU_STEP),
      sigma: dy ? toSigma(Math.log10(sigma) + dy * SIGMA_STEP) : sigma,
    });
  });
  onSliders(el, SLIDERS, view);
  for (const choice of el.querySelectorAll(CHOICES)) {
    view.on(choice, "input", () =>
      move({
        [choice.dataset.field]: choice.type === "checkbox" ? choice.checked : choice.value,
      }),
    );
  }
  view.onButtons({ draw: () => move({ seed: (now().seed + 1) % 100 }), reset: () => move(START) });
  return view.start();
}

function placeChoices(el, { f, parameter, baseline }) {
  el.querySelector("select").value = f;
  el.querySelector(`input[value=${parameter}]`).checked = true;
  el.querySelector("[type=checkbox]").checked = baseline;
  el.querySelector(".gr-symbol").textContent = SYMBOLS[parameter];
}

function showNumbers(el, pic) {
  const {
    state: { f, n },
    exact,
    score_variance,
    path_variance,
  } = pic;
  const [score, scoreError, path, pathError] = [
    "score_mean",
    "score_error",
    "path_mean",
    "path_error",
  ].map((name) => pic[name].at(-1));
  const [ofScore, ofPath] = [scoreError, pathError].map((error) => error * error * n);
  const ratio = (a, b) => (f === "step" || hasNoVariance(b) ? "—" : `× ${shown(a / b)}`);
  const numbers = {
    exact: shown(exact),
    score: meanWithError(score, scoreError),
    scoreVariance: shown(ofScore),
    path: meanWithError(path, pathError),
    pathVariance: shown(ofPath),
    ratio: ratio(ofScore, ofPath),
    needed: ratio(score_variance, path_variance),
  };
  placeNumbers(el, (key) => numbers[key]);
  el.querySelector(".cx-numbers").classList.toggle("gr-wrong", isWrong(f, exact));
}

export default { render };
