// The view: three canvases, a model, three sliders, two steps, and a sentence.
import { theme } from "../_shared/canvas.js";
import { framed, makeView } from "../_shared/view.js";
import { numbersHtml, onSliders, placeNumbers } from "../_shared/controls.js";
import { placeSliders, slidersHtml } from "../_shared/controls.js";
import { MODELS, changed, eStep, mStep, picture, sdText, signed } from "./math.js";
import { aScale, drawCurves, drawDensities, drawSums } from "./pictures.js";
import { toA, toLogVar, toMu, zScale } from "./pictures.js";

const START = { model: "linear", mu: 0.5, log_var: Math.log(0.5), a: 0.5 };
const FIELDS = Object.keys(START),
  GLIDE_MS = 250;
const SLIDERS = {
  mu: { label: "mean of q, μ", min: -4, max: 4, step: 0.01, show: signed },
  log_var: {
    label: "log-variance of q",
    min: -6,
    max: 2,
    step: 0.01,
    show: (v) => `${signed(v)} (sd ${sdText(v)})`,
  },
  a: { label: "the model's a", min: -3, max: 3, step: 0.01, show: signed },
};
const MODEL_TEXT = {
  linear: "linear: x = a z + 0.3 + noise",
  "two roots": "two roots: x = a z² + noise",
};
const SUMS = [
  ["log_px", "log p(x)"],
  ["elbo", "= ELBO"],
  ["gap", "+ gap, KL(q‖p(z|x))"],
  ["elbo", "ELBO"],
  ["rec", "= rec, E<sub>q</sub> log p(x|z)"],
  ["kl", "− KL(q‖p(z))"],
];
const PAGE = framed(
  "el-said",
  `<div class="el-body">
  <figure><figcaption>q and the exact posterior <small>drag q by its top, or arrow keys
      <i class="k-p el-first"></i>p(z|x) <i class="k-q"></i>q(z) <i class="el-thin"></i>p(z)</small>
    </figcaption><canvas class="el-pad" tabindex="0" role="application"
      aria-roledescription="two-dimensional slider" aria-label="Mean and width of q. Left and right
      move q, up makes it narrower and down wider, Shift makes larger steps."></canvas></figure>
  <figure><figcaption>log p(x) = ELBO + gap, and ELBO = rec − KL
      <small>a bar ends at its value, hatched bars are differences</small></figcaption>
    <canvas class="el-sums" role="img" aria-label="Bars on one axis of nats: log p(x), the gap below
      it, the ELBO, rec with the KL to the prior below it. The numbers follow."></canvas></figure>
  <figure><figcaption>The same q, another a <small><i class="k-p"></i>log p(x)
      <i class="k-q"></i>ELBO <i class="el-gap"></i>gap &nbsp; M: where the M-step goes</small>
    </figcaption><canvas class="el-curves" role="img" aria-label="Curves over a: log p(x), and the
      ELBO of this q below it. Drag sets a."></canvas></figure>
  <div><div class="cx-numbers el-numbers">${numbersHtml(SUMS)}</div>
  <label class="el-model">model <select data-field="model">${Object.keys(MODELS)
    .map((name) => `<option value="${name}">${MODEL_TEXT[name]}</option>`)
    .join("")}</select></label>
  ${slidersHtml(SLIDERS)}
  <span class="cx-buttons"><button type="button" data-do="e">E-step: best q</button>
    <button type="button" data-do="m">M-step: best a</button>
    <button type="button" data-do="reset">reset</button></span></div></div>`,
);

// --- the live page ---

const MU_STEP = 0.05,
  LOG_VAR_STEP = 0.1; // of an arrow key

function render({ model, el }) {
  el.innerHTML = PAGE;
  const [pad, sums, curves] = el.querySelectorAll("canvas"),
    select = el.querySelector("select");
  let stepped = "";

  function draw(state) {
    const pic = picture(state),
      colours = theme(el);
    drawDensities(pad, pic, colours);
    drawSums(sums, pic, colours);
    drawCurves(curves, pic, colours);
    placeNumbers(el, (key) => signed(pic[key]));
    placeSliders(el, SLIDERS, state);
    select.value = state.model;
    return pic;
  }
  function tell(pic, before) {
    const words = before ? changed(before, pic, stepped) : "";
    stepped = "";
    return (words && `${words}\n`) + pic.text;
  }
  const view = makeView({ model, el }, { fields: FIELDS, draw, tell, sized: pad });
  const { now, on } = view;
  const glide = makeGlide(now, (change) => view.guarded(() => view.move(change)));
  function move(change) {
    // by hand: it ends a step that is under way
    glide.stop();
    stepped = "";
    view.move(change);
  }
  function take(name, to) {
    glide.finish();
    stepped = !stepped || stepped === name ? name : "E- and M-steps";
    view.speak(); // a step that moves nothing says so, too
    glide.towards(to(now()));
  }

  view.onDrag(pad, (x, y) => {
    const to = zScale(now().model, pad.clientWidth, pad.clientHeight);
    pad.focus();
    move({ mu: to.mu(x), log_var: to.logVar(y) });
  });
  view.onDrag(curves, (x) => move({ a: aScale(curves.clientWidth, curves.clientHeight).a(x) }));
  view.onArrows(pad, (dx, dy) => {
    // up is narrower, as the top of q goes
    const { mu, log_var } = now();
    move(dx ? { mu: toMu(mu + dx * MU_STEP) } : { log_var: toLogVar(log_var - dy * LOG_VAR_STEP) });
  });
  onSliders(el, SLIDERS, { on, move });
  on(select, "change", () => move({ model: select.value }));
  view.onButtons({
    e: () => take("E-step", eStep),
    m: () => take("M-step", mStep),
    reset: () => move({ ...START, model: now().model }),
  });
  const end = view.start();
  return () => {
    end();
    glide.stop();
  };
}

// Moves from the present state to a target, in a quarter of a second; the end is the target itself.
function makeGlide(now, set) {
  let target, frame;
  const stop = () => {
    cancelAnimationFrame(frame);
    target = undefined;
  };
  const finish = () => {
    const end = target;
    stop();
    if (end) set(end);
  };
  function towards(end) {
    const start = now(),
      began = performance.now();
    const moving = ["mu", "log_var", "a"].filter((name) => start[name] !== end[name]);
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    target = end;
    const next = () => {
      const t = (performance.now() - began) / GLIDE_MS;
      if (t >= 1 || still || !moving.length) return finish();
      const at = (name) => start[name] + t * (end[name] - start[name]);
      set(Object.fromEntries(moving.map((name) => [name, at(name)])));
      frame = requestAnimationFrame(next);
    };
    next();
  }
  return { towards, finish, stop };
}

export default { render };
