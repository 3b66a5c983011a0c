// The numbers, and the sentences, of the ELBO explorer, without a page.
// Both models are z ~ N(0, 1), x | z ~ N(a f(z) + b, sigma^2); q is N(mu, exp(log_var)).
import { say } from "../_shared/say.js";

const LOG_2PI = Math.log(2 * Math.PI),
  SAME = 1e-9;
const grid = (low, high, parts) =>
  Array.from({ length: (high - low) * parts + 1 }, (_, i) => (low * parts + i) / parts);
const PRIOR_GRID = grid(-8, 8, 50),
  Q_GRID = grid(-9, 9, 8),
  A_GRID = grid(-3, 3, 20);
const Z_GRID = grid(-4, 4, 50),
  MAX_A = 3;

export const MODELS = {
  linear: { f: (z) => z, x: 2, b: 0.3, sigma: 0.5, moments: (m, v) => [m, m * m + v] },
  "two roots": {
    f: (z) => z * z,
    x: 1.5,
    b: 0,
    sigma: 0.3,
    moments: (m, v) => [m * m + v, m ** 4 + 6 * m * m * v + 3 * v * v],
  },
};

// --- log p(x), and the terms of the ELBO ---

function logJoint({ f, x, b, sigma }, z, a) {
  const residual = (x - b - a * f(z)) / sigma;
  return -LOG_2PI - Math.log(sigma) - 0.5 * residual * residual - 0.5 * z * z;
}

function logEvidence(model, a) {
  const toy = MODELS[model];
  if (model === "linear") {
    const variance = a * a + toy.sigma ** 2;
    return -0.5 * (LOG_2PI + Math.log(variance) + (toy.x - toy.b) ** 2 / variance);
  }
  const values = PRIOR_GRID.map((z) => logJoint(toy, z, a)),
    top = Math.max(...values);
  return top + Math.log(values.reduce((sum, value) => sum + Math.exp(value - top), 0) / 50);
}

function reconstruction({ model, mu, log_var }, a) {
  const { x, b, sigma, moments } = MODELS[model],
    r = x - b;
  const [f1, f2] = moments(mu, Math.exp(log_var)),
    square = r * r - 2 * a * r * f1 + a * a * f2;
  return -0.5 * LOG_2PI - Math.log(sigma) - square / (2 * sigma ** 2);
}

const klToPrior = ({ mu, log_var }) => 0.5 * (mu * mu + Math.exp(log_var) - 1 - log_var);

function posteriorMoments(a) {
  const { x, b, sigma } = MODELS.linear,
    r = 1 + (a * a) / sigma ** 2;
  return [(a * (x - b)) / sigma ** 2 / r, 1 / r];
}

// KL(q || p(z | x)), from the two densities alone.
function gapToPosterior({ model, mu, log_var, a }, logPx) {
  const v = Math.exp(log_var);
  if (model === "linear") {
    const [m, vPost] = posteriorMoments(a);
    return 0.5 * (Math.log(vPost) - log_var + (v + (mu - m) ** 2) / vPost - 1);
  }
  let sum = 0;
  for (const t of Q_GRID) {
    const logUnit = -0.5 * LOG_2PI - 0.5 * t * t;
    const logPosterior = logJoint(MODELS[model], mu + Math.sqrt(v) * t, a) - logPx;
    sum += Math.exp(logUnit) * (logUnit - 0.5 * log_var - logPosterior);
  }
  return sum / 8;
}

// --- the two steps ---

function bestA({ model, mu, log_var }) {
  const { x, b, moments } = MODELS[model],
    [f1, f2] = moments(mu, Math.exp(log_var));
  return Math.min(MAX_A, Math.max(-MAX_A, ((x - b) * f1) / f2));
}

// Where both slopes of the ELBO of two roots are 0; see tops() in _math.py for the reasons.
function tops(a) {
  const { x, sigma } = MODELS["two roots"],
    s2 = sigma ** 2,
    slope = 2 * a * x - s2;
  const root = Math.sqrt(slope * slope + 24 * a * a * s2);
  const wide = slope > 0 ? (slope + root) / (12 * a * a) : (2 * s2) / (root - slope);
  const straddling = [0, Math.log(wide)],
    inner = slope * slope - 12 * a * a * s2;
  if (slope <= 0 || inner <= 0) return { straddling };
  const v = s2 / (slope + Math.sqrt(inner));
  return { straddling, oneRoot: [Math.sqrt(slope / (2 * a * a) - 3 * v), Math.log(v)] };
}

function climb({ mu, log_var, a }) {
  const { x, sigma } = MODELS["two roots"];
  for (let i = 0; i < 1000; i++) {
    const v = Math.exp(log_var);
    const pull = (2 * a * x - 2 * a * a * mu * mu - 6 * a * a * v) / sigma ** 2 - 1;
    const push = (a * x - 3 * a * a * (mu * mu + v)) / sigma ** 2 - 0.5;
    const dMu = v * mu * pull,
      dLogVar = 1 + 2 * v * push;
    const step = Math.min(0.05, 0.05 / (Math.abs(dMu) / Math.sqrt(v) + Math.abs(dLogVar) + 1e-9));
    mu += step * dMu;
    log_var += step * dLogVar;
  }
  return mu;
}

function bestQ(state) {
  if (state.model === "linear") {
    const [m, v] = posteriorMoments(state.a);
    return [m, Math.log(v)];
  }
  const { straddling, oneRoot } = tops(state.a);
  if (!oneRoot) return straddling;
  const end = climb(state);
  if (Math.abs(end) < 0.5 * oneRoot[0]) return straddling;
  return [Math.sign(end) * oneRoot[0], oneRoot[1]];
}

export function eStep(state) {
  const [mu, log_var] = bestQ(state);
  return { ...state, mu, log_var };
}
export const mStep = (state) => ({ ...state, a: bestA(state) });

// --- the picture ---

const curvesOf = {}; // log p(x) at every a, once for each model
const evidenceOfA = (model) => (curvesOf[model] ??= A_GRID.map((a) => logEvidence(model, a)));

export const normal = (z, mu, log_var) =>
  Math.exp(-0.5 * (LOG_2PI + log_var + (z - mu) ** 2 / Math.exp(log_var)));
const PRIOR = Z_GRID.map((z) => normal(z, 0, 0));

export function picture(state) {
  const { model, mu, log_var, a } = state,
    log_px = logEvidence(model, a);
  const rec = reconstruction(state, a),
    kl = klToPrior(state),
    toy = MODELS[model];
  const terms = { log_px, elbo: rec - kl, rec, kl, gap: gapToPosterior(state, log_px) };
  const best_a = bestA(state);
  return {
    state,
    z: Z_GRID,
    prior: PRIOR,
    posterior: Z_GRID.map((z) => Math.exp(logJoint(toy, z, a) - log_px)),
    q: Z_GRID.map((z) => normal(z, mu, log_var)),
    ...terms,
    a_grid: A_GRID,
    log_px_of_a: evidenceOfA(model),
    elbo_of_a: A_GRID.map((other) => reconstruction(state, other) - kl),
    best_a,
    best_elbo: reconstruction(state, best_a) - kl,
    text: finding(state, terms),
  };
}

// --- words ---

export function signed(value, digits = 2) {
  const text = value.toFixed(digits).replace("-", "−");
  return /[1-9]/.test(text) ? text : text.replace("−", "");
}
export const sdText = (log_var) => signed(Math.exp(log_var / 2));

function finding(state, terms) {
  const { model, log_var } = state,
    name = model[0].toUpperCase() + model.slice(1);
  const values = Object.entries({ ...state, ...terms, model: 0 });
  const shown = values.map(([key, value]) => [key, signed(value)]);
  const around = { name, sd: sdText(log_var), meaning: meaning(state, terms.gap) };
  return say("finding", { ...Object.fromEntries(shown), ...around });
}

function meaning(state, gap) {
  if (gap < SAME) return say("posterior");
  const below = gap < 0.005 ? say("little") : signed(gap),
    best = eStep(state);
  const miss = Math.max(Math.abs(best.mu - state.mu), Math.abs(best.log_var - state.log_var));
  if (miss > SAME) return say("not_posterior", { below });
  return say("at_a_top", { below, why: say(whyShort(state, gap)) });
}

function whyShort({ mu, a }, gap) {
  if (mu) return Math.abs(gap - Math.LN2) < 0.05 ? "half" : "one_mode";
  return tops(a).oneRoot ? "both_modes" : "not_normal";
}

// What a move did, and what that means; `by` names the step that was asked for, if one was.
export function changed(before, after, by = "") {
  const [was, is] = [before.state, after.state],
    from = (name) => signed(was[name]);
  if (was.model !== is.model) return `Model: ${is.model}. Another model has another log p(x).`;
  const qMoved = was.mu !== is.mu || was.log_var !== is.log_var,
    aMoved = was.a !== is.a;
  const moves = [
    was.mu !== is.mu && `mu ${from("mu")} → ${signed(is.mu)}`,
    was.log_var !== is.log_var && `sd ${sdText(was.log_var)} → ${sdText(is.log_var)}`,
    aMoved && `a ${from("a")} → ${signed(is.a)}`,
  ]
    .filter(Boolean)
    .join(", ");
  if (!moves) return by && `${by}: nothing moves, it is at its best already.`;
  const start = (by && `${by}: `) + `${moves}. `;
  return start + (aMoved ? aWords(before, after, qMoved) : qWords(before, after));
}

function qWords(before, after) {
  const shrank = before.gap - after.gap,
    size = Math.abs(shrank).toFixed(2);
  const end =
    size === "0.00"
      ? "The gap and the ELBO stayed within 0.01."
      : `The gap ${shrank > 0 ? "shrank" : "grew"} by ${size}, and the ELBO ` +
        `${shrank > 0 ? "rose" : "fell"} by as much.`;
  return `log p(x) did not move: it does not know q. ${end}`;
}

function aWords(before, after, qMoved) {
  const start = qMoved ? "" : "KL(q‖p(z)) did not move: it does not know a. ";
  const went = (key) => {
    const change = after[key] - before[key],
      size = Math.abs(change).toFixed(2);
    return size === "0.00" ? "stayed within 0.01" : `${change > 0 ? "rose" : "fell"} by ${size}`;
  };
  return `${start}log p(x) ${went("log_px")}; the ELBO ${went("elbo")}; the gap ${went("gap")}.`;
}
