// The view: three canvases, a model, three sliders, two steps, and a sentence.
import { theme } from "../_shared/canvas.js";
import { framed, makeView } from "../_shared/view.js";
import { button, numbersHtml, onSliders, placeNumbers } from "../_shared/controls.js";
import { placeSliders, slidersHtml } from "../_shared/controls.js";
import { MODELS, changed, eStep, mStep, picture, sdText, signed } from "./math.js";
import { aScale, drawCurves, drawDensities, drawSums } from "./pictures.js";
import { toLogVar, toMu, zScale } from "./pictures.js";

const START = { model: "linear", mu: 0.5, log_var: Math.log(0.5), a: 0.5 };
const FIELDS = Object.keys(START),
  GLIDE_MS = 250;
const withSd = (log_var) => `${signed(log_var)} (sd ${sdText(log_var)})`;
const Q_SLIDERS = {
  mu: { label: "mean of q, μ", range: [-4, 4, 0.01], show: signed },
  log_var: { label: "log-variance of q", range: [-6, 2, 0.01], show: withSd },
};
const A_SLIDER = { a: { label: "the model's a", range: [-3, 3, 0.01], show: signed } },
  SLIDERS = { ...Q_SLIDERS, ...A_SLIDER };
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
  <figure><figcaption>q and the exact posterior <small>drag its top, or arrow keys
      <i class="k-p el-first"></i>p(z|x) <i class="k-q"></i>q(z) <i class="el-thin"></i>p(z)</small>
    </figcaption><canvas class="el-pad" tabindex="0" role="application"
      aria-roledescription="two-dimensional slider" aria-label="Mean and width of q. Left and right
      move q, up makes it narrower and down wider, Shift makes larger steps."></canvas></figure>
  <figure><figcaption>log p(x) = ELBO + gap, and ELBO = rec − KL
      <small>a bar ends at its value, hatched bars are differences</small></figcaption>
    <canvas class="el-sums" role="img" aria-label="Bars on one axis of nats: log p(x), the gap below
      it, the ELBO, rec with the KL to the prior below it. The numbers follow."></canvas></figure>
  <figure><figcaption>The same q, another a <small><i class="k-p"></i>log p(x)
      <i class="k-q"></i>ELBO <i class="el-gap"></i>gap &nbsp; M: the M-step</small>
    </figcaption><canvas class="el-curves" role="img" aria-label="Curves over a: log p(x), and the
      ELBO of this q below it. Drag sets a."></canvas></figure>
  <div class="el-controls"><div class="cx-numbers el-numbers">${numbersHtml(SUMS)}</div>
  <div><label class="el-model">model <select data-field="model">${Object.keys(MODELS)
    .map((name) => `<option value="${name}">${MODEL_TEXT[name]}</option>`)
    .join("")}</select></label>
  ${slidersHtml(Q_SLIDERS)}</div>
  <div>${slidersHtml(A_SLIDER)}
  <span class="cx-buttons">${button("e", "E-step: best q")} ${button("m", "M-step: best a")}
    ${button("reset", "reset")}</span></div></div></div>`,
);

// --- the live page ---

const MU_STEP = 0.05,
  LOG_VAR_STEP = 0.1; // of an arrow key

function render({ model, el }) {
  el.innerHTML = PAGE;
  const step = { asked: "" }; // for words: the name of what a button has done
  const draw = (state) => drawPage(el, state);
  function tell(pic, before) {
    if (glide.underWay()) return undefined; // a slow machine draws too seldom for one pause
    const words = before ? changed(before, pic, step.asked) : "";
    step.asked = "";
    return (words && `${words}\n`) + pic.text;
  }
  const sized = el.querySelector("canvas");
  const view = makeView({ model, el }, { fields: FIELDS, draw, tell, sized });
  const glide = makeGlide(view.now, (change) => view.guarded(() => view.move(change)));
  listen(el, view, movesOf(view, glide, step));
  const end = view.start();
  return () => {
    end();
    glide.stop();
  };
}

function drawPage(el, state) {
  const pic = picture(state),
    colours = theme(el);
  const [pad, sums, curves] = el.querySelectorAll("canvas");
  drawDensities(pad, pic, colours);
  drawSums(sums, pic, colours);
  drawCurves(curves, pic, colours);
  placeNumbers(el, Object.fromEntries(SUMS.map(([key]) => [key, signed(pic[key])])));
  placeSliders(el, SLIDERS, state);
  el.querySelector("select").value = state.model;
  return pic;
}

// By hand, which ends a step that is under way; and by a step, which glides.
function movesOf(view, glide, step) {
  function move(change) {
    glide.stop();
    step.asked = "";
    view.move(change);
  }
  function take(name, to) {
    glide.finish();
    step.asked = !step.asked || step.asked === name ? name : "E- and M-steps";
    view.speak(); // a step that moves nothing says so, too
    glide.towards(to(view.now()));
  }
  return { move, take };
}

function listen(el, { now, on, onDrag, onArrows, onButtons }, { move, take }) {
  const [pad, , curves] = el.querySelectorAll("canvas"),
    select = el.querySelector("select");
  onDrag(pad, (x, y) => {
    const to = zScale(now().model, pad.clientWidth, pad.clientHeight);
    pad.focus();
    move({ mu: to.mu(x), log_var: to.logVar(y) });
  });
  onDrag(curves, (x) => move({ a: aScale(curves.clientWidth, curves.clientHeight).a(x) }));
  onArrows(pad, (dx, dy) => {
    // up is narrower, as the top of q goes
    const { mu, log_var } = now();
    move(dx ? { mu: toMu(mu + dx * MU_STEP) } : { log_var: toLogVar(log_var - dy * LOG_VAR_STEP) });
  });
  onSliders(el, SLIDERS, { on, move });
  on(select, "change", () => move({ model: select.value }));
  onButtons({
    e: () => take("E-step", eStep),
    m: () => take("M-step", mStep),
    reset: () => move({ ...START, model: now().model }),
  });
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
  function next(start, began) {
    const t = (performance.now() - began) / GLIDE_MS,
      step = between(start, target, t);
    if (t >= 1 || !step || isStill()) return finish();
    set(step);
    frame = requestAnimationFrame(() => next(start, began));
  }
  function towards(end) {
    target = end;
    next(now(), performance.now());
  }
  return { towards, finish, stop, underWay: () => target !== undefined };
}

const isStill = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

// What lies a share t of the way from a state to another, of what differs; undefined if nothing.
function between(start, end, t) {
  const moving = ["mu", "log_var", "a"].filter((name) => start[name] !== end[name]);
  if (!moving.length) return undefined;
  return Object.fromEntries(
    moving.map((name) => [name, start[name] + t * (end[name] - start[name])]),
  );
}

export default { render };
