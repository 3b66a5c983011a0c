// The view: three canvases, five sliders, numbers and a sentence. The model holds the state alone.
import { clamp, theme } from "../_shared/canvas.js";
import { changes, framed, makeView } from "../_shared/view.js";
import { button, numbersHtml, onSliders, placeNumbers } from "../_shared/controls.js";
import { placeSliders, slidersHtml } from "../_shared/controls.js";
import { nAt } from "../_shared/running.js";
import { MAX_DIMENSION, MAX_N, TRUST, essText, grouped } from "./math.js";
import { lastOf, neededText, picture, signed } from "./math.js";
import { LOW_SIGMA, padScale, round, toN, toSigma } from "./pictures.js";
import { drawPad, drawRunning, drawWeights } from "./pictures.js";

const START = { dimension: 2, sigma: 0.3, n: 1000, seed: 0, proposal: 0 };
const FIELDS = Object.keys(START),
  SIGMA_STEP = Math.log10(20) / 65;
const SIGMAS = [Math.log10(LOW_SIGMA), 0, SIGMA_STEP];

const wholePercent = (value) => `${Math.round(100 * value)} %`;
const SLIDERS = {
  dimension: { label: "dimension L", range: [1, MAX_DIMENSION, 1], show: String },
  sigma: { label: "noise σ", range: SIGMAS, show: (v) => String(round(v, 3)), log: toSigma },
  n: { label: "draws n", range: [1, 5, 0.05], show: grouped, log: toN },
  proposal: { label: "draw from q, prior → posterior", range: [0, 1, 0.01], show: wholePercent },
  seed: { label: "seed", range: [0, 99, 1], show: String },
};
const NUMBERS = {
  estimate: "estimate [nats]",
  exact: "exact [nats]",
  miss: "miss [nats]",
  bar: "error bar",
  ess: "ESS",
  needed: "draws for 10 % error",
};
const PAGE = framed(
  "mc-said",
  `<div class="cx-figures">
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
  <div class="cx-sliders">${slidersHtml(SLIDERS)}
    <span class="cx-buttons">${button("draw", "new draws")} ${button("reset", "reset")}</span></div>
  <div class="cx-numbers">${numbersHtml(Object.entries(NUMBERS))}</div>`,
);

// --- the live page ---

function render({ model, el }) {
  el.innerHTML = PAGE;
  const draw = (state) => drawPage(el, state);
  const show = (name, value) => SLIDERS[name].show(value);
  const tell = (pic, before) => changes(before?.state, pic.state, show) + pic.text;
  const sized = el.querySelector(".mc-running");
  const view = makeView({ model, el }, { fields: FIELDS, draw, tell, sized });
  listen(el, view);
  return view.start();
}

function drawPage(el, state) {
  const pic = picture(state),
    colours = theme(el);
  const [pad, weights, running] = el.querySelectorAll("canvas");
  drawPad(pad, state, colours);
  drawWeights(weights, pic, colours);
  drawRunning(running, pic, colours);
  showNumbers(el, pic);
  placeSliders(el, SLIDERS, state);
  return pic;
}

function listen(el, view) {
  const { now, move } = view,
    [pad, , running] = el.querySelectorAll("canvas");
  view.onDrag(pad, (x, y) => {
    const to = padScale(pad.clientWidth, pad.clientHeight);
    pad.focus();
    move({ dimension: to.dimension(x), sigma: to.sigma(y) });
  });
  view.onDrag(running, (x) => move({ n: nAt(x, running, MAX_N) }));
  view.onArrows(pad, (dx, dy) => {
    const { dimension, sigma } = now();
    move({
      dimension: clamp(dimension + dx, 1, MAX_DIMENSION),
      sigma: toSigma(Math.log10(sigma) + dy * SIGMA_STEP),
    });
  });
  onSliders(el, SLIDERS, view);
  view.onButtons({ draw: () => move({ seed: (now().seed + 1) % 100 }), reset: () => move(START) });
}

function showNumbers(el, pic) {
  const { exact, log10_needed } = pic,
    [value, error, size] = lastOf(pic);
  const isVoid = size < TRUST;
  const miss = Math.abs(value - exact) < 0.005 ? 0 : value - exact,
    plus = miss > 0 ? "+" : "";
  placeNumbers(el, {
    estimate: signed(value),
    exact: signed(exact),
    miss: plus + signed(miss),
    bar: isVoid ? `void: ESS ${essText(size)}` : `± ${error.toFixed(2)}`,
    ess: essText(size),
    needed: neededText(log10_needed),
  });
  el.querySelector(".cx-numbers").classList.toggle("cx-void", isVoid);
}

export default { render };
