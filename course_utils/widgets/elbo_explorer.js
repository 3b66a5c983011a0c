// The view: three canvases, a model, three sliders, two steps, and a sentence.
import { draggable, onThemeChange, theme } from "./canvas.js";
import { MODELS, changed, eStep, mStep, picture, sdText, signed } from "./elbo_math.js";
import { aScale, drawCurves, drawDensities, drawSums } from "./elbo_pictures.js";
import { toA, toLogVar, toMu, zScale } from "./elbo_pictures.js";

const START = { model: "linear", mu: 0.5, log_var: Math.log(0.5), a: 0.5 };
const FIELDS = Object.keys(START), SAY_AFTER_MS = 250, GLIDE_MS = 250;
const SLIDERS = {
  mu: { label: "mean of q, μ", min: -4, max: 4, show: signed },
  log_var: { label: "log-variance of q", min: -6, max: 2,
    show: (v) => `${signed(v)} (sd ${sdText(v)})` },
  a: { label: "the model's a", min: -3, max: 3, show: signed },
};
const slider = ([name, { label, min, max }]) =>
  `<label class="cx-slider"><span>${label}</span><b data-shows="${name}"></b>
    <input type="range" data-field="${name}" min="${min}" max="${max}" step="0.01"></label>`;
const MODEL_TEXT = { linear: "linear: x = a z + 0.3 + noise",
  "two roots": "two roots: x = a z² + noise" };
const SUMS = [["log_px", "log p(x)"], ["elbo", "= ELBO"], ["gap", "+ gap, KL(q‖p(z|x))"],
  ["elbo", "ELBO"], ["rec", "= rec, E<sub>q</sub> log p(x|z)"], ["kl", "− KL(q‖p(z))"]];
const PAGE = `<div class="cx" data-lm-suppress-shortcuts="true"><div class="el-body">
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
  <div><div class="cx-numbers el-numbers">${SUMS.map(([key, label]) =>
    `<div><small>${label}</small> <span data-number="${key}"></span></div>`).join("")}</div>
  <label class="el-model">model <select data-field="model">${Object.keys(MODELS).map((name) =>
    `<option value="${name}">${MODEL_TEXT[name]}</option>`).join("")}</select></label>
  ${Object.entries(SLIDERS).map(slider).join("")}
  <span class="cx-buttons"><button type="button" data-do="e">E-step: best q</button>
    <button type="button" data-do="m">M-step: best a</button>
    <button type="button" data-do="reset">reset</button></span></div></div>
  <p class="el-said" aria-live="polite"></p><p class="cx-error" role="alert" hidden></p></div>`;

// --- the live page ---

const KEYS = { ArrowLeft: [-0.05, 0], ArrowRight: [0.05, 0], ArrowUp: [0, -0.1],
  ArrowDown: [0, 0.1] };

function render({ model, el }) {
  el.innerHTML = PAGE;
  const $ = (selector) => el.querySelector(selector);
  const [pad, sums, curves] = [".el-pad", ".el-sums", ".el-curves"].map($);
  const inputs = [...el.querySelectorAll("input")];
  let told, stepped = "", sayTimer, drawn = "";
  const now = () => Object.fromEntries(FIELDS.map((name) => [name, model.get(name)]));

  function draw() {
    const pic = picture(now()), colours = theme(el);
    drawDensities(pad, pic, colours);
    drawSums(sums, pic, colours);
    drawCurves(curves, pic, colours);
    for (const span of el.querySelectorAll("[data-number]")) {
      write(span, signed(pic[span.dataset.number]));
    }
    for (const input of inputs) place(input, pic.state, el);
    $("select").value = pic.state.model;
    say(pic);
  }
  function say(pic) {                            // after a pause, so that a drag does not chatter
    clearTimeout(sayTimer);
    sayTimer = setTimeout(() => {
      const words = told ? changed(told, pic, stepped) : "";
      $(".el-said").textContent = (words && `${words}\n`) + pic.text;
      [told, stepped] = [pic, ""];
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
  function redraw() {                            // one move may announce itself more than once
    const key = JSON.stringify(now());
    if (key !== drawn) draw();
    drawn = key;
  }
  function set(change) {
    model.set(change);
    model.save_changes();                        // at once: an echo of an older value overwrites
    redraw();                                    // whatever has not been handed over by then
  }
  const glide = makeGlide(now, (change) => guarded(() => set(change)));
  function move(change) {                        // by hand: it ends a step that is under way
    glide.stop();
    stepped = "";
    set(change);
  }
  function step(name, to) {
    glide.finish();
    stepped = !stepped || stepped === name ? name : "E- and M-steps";
    draw();                                      // a step that moves nothing says so, too
    glide.towards(to(now()));
  }

  const on = (target, type, run) =>
    target.addEventListener(type, (event) => guarded(() => run(event)));

  draggable(pad, (x, y) => guarded(() => {
    const to = zScale(now().model, pad.clientWidth, pad.clientHeight);
    pad.focus();
    move({ mu: to.mu(x), log_var: to.logVar(y) });
  }));
  draggable(curves, (x) => guarded(() =>
    move({ a: aScale(curves.clientWidth, curves.clientHeight).a(x) })));
  on(pad, "keydown", (event) => {
    if (!(event.key in KEYS)) return;
    const [dMu, dLogVar] = KEYS[event.key].map((by) => by * (event.shiftKey ? 5 : 1));
    const { mu, log_var } = now();
    event.preventDefault();
    move(dMu ? { mu: toMu(mu + dMu) } : { log_var: toLogVar(log_var + dLogVar) });
  });
  for (const input of inputs) {
    on(input, "input", () => move({ [input.dataset.field]: Number(input.value) }));
  }
  on($("select"), "change", () => move({ model: $("select").value }));
  on($("[data-do=e]"), "click", () => step("E-step", eStep));
  on($("[data-do=m]"), "click", () => step("M-step", mStep));
  on($("[data-do=reset]"), "click", () => move({ ...START, model: now().model }));
  // Arrow keys would move through the notebook, and the sliders never see them.
  $(".cx").addEventListener("keydown", (event) => event.stopPropagation());
  const update = () => guarded(redraw), again = () => guarded(draw);
  model.on("change", update);
  const forget = onThemeChange(again), resized = new ResizeObserver(again);
  resized.observe(pad);
  update();
  return () => {
    model.off("change", update);
    forget();
    resized.disconnect();
    glide.stop();
    clearTimeout(sayTimer);
  };
}

// Moves from the present state to a target, in a quarter of a second; the end is the target itself.
function makeGlide(now, set) {
  let target, frame;
  const stop = () => { cancelAnimationFrame(frame); target = undefined; };
  const finish = () => {
    const end = target;
    stop();
    if (end) set(end);
  };
  function towards(end) {
    const start = now(), began = performance.now();
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

// Text that stays is left alone: writing it anew would lay out the page once more.
function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function place(input, state, el) {
  const { field } = input.dataset, text = SLIDERS[field].show(state[field]);
  input.value = state[field];
  if (input.getAttribute("aria-valuetext") !== text) input.setAttribute("aria-valuetext", text);
  write(el.querySelector(`[data-shows=${field}]`), text);
}

export default { render };
