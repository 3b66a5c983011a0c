// The numbers, and the sentences, of the gradient explorer, without a page.
// Notation: z = mu + sigma eps from q = N(mu, sigma^2); two gradients of E f(z) from each draw.
import { keysOf, uniform } from "../_shared/normals.js";
import { runningEnds } from "../_shared/running.js";
import { SPECS, say } from "../_shared/say.js";

export const MAX_N = 10000,
  ZERO = 0.0005;
const NO_VARIANCE = 1e-9;
const OF_EPS = [1, 0, 1, 0, 3, 0, 15, 0, 105],
  POWERS = [0, 1, 2, 3, 4];

// --- draws ---

// Kept for one seed, so that a move costs no random numbers.
const kept = { seed: -1, eps: new Float64Array(MAX_N) };

function epsOf(seed, n) {
  if (kept.seed !== seed) {
    const [kr, kr2] = keysOf(seed, 0),
      [ka, ka2] = keysOf(seed, 1);
    for (let i = 0; i < MAX_N; i++) {
      const radius = Math.sqrt(-2 * Math.log(uniform(i, kr, kr2)));
      kept.eps[i] = radius * Math.cos(2 * Math.PI * uniform(i, ka, ka2));
    }
    kept.seed = seed;
  }
  return kept.eps.subarray(0, n);
}

// --- functions: see _functions.py ---

const polynomial = (coefficients, z) => coefficients.reduceRight((sum, c) => sum * z + c, 0);
const derivative = (coefficients) => coefficients.map((c, k) => k * c).slice(1);

function product(a, b) {
  const out = Array(Math.max(0, a.length + b.length - 1)).fill(0);
  a.forEach((x, i) => b.forEach((y, j) => (out[i + j] += x * y)));
  return out;
}

const inEps = (coefficients, mu, sigma) =>
  coefficients.reduceRight((sum, c) => {
    const out = product(sum, [mu, sigma]);
    out[0] += c;
    return out;
  }, []);
const weigh = (coefficients, ofEps, k) => coefficients.reduce((s, c, j) => s + c * ofEps[k + j], 0);

// erfc: all terms of the series are positive, so it loses no digits; beyond 3 by its fraction.
function erfc(x) {
  if (x < 0) return 2 - erfc(-x);
  const front = Math.exp(-x * x) / Math.sqrt(Math.PI);
  if (x > 3) {
    let fraction = x;
    for (let k = 60; k >= 1; k--) fraction = x + k / 2 / fraction;
    return front / fraction;
  }
  let term = 2 * x * front,
    sum = 0;
  for (let k = 1; sum + term !== sum; k++) {
    sum += term;
    term *= (2 * x * x) / (2 * k + 1);
  }
  return 1 - sum;
}

// E eps^k where eps > a.
function above(a) {
  const density = Math.exp(-0.5 * a * a) / Math.sqrt(2 * Math.PI);
  const out = [0.5 * erfc(a / Math.SQRT2), density];
  for (let k = 2, power = density; k <= 8; k++) {
    power *= a;
    out.push(power + (k - 1) * out[k - 2]);
  }
  return out;
}

function twoPolynomials(left, right) {
  const [dLeft, dRight] = [left, right].map(derivative);
  const sides = (ratio) => {
    if (left === right) return [[right, OF_EPS]];
    const below = above(ratio).map((m, k) => (k % 2 ? -m : m));
    return [
      [left, below],
      [right, above(-ratio)],
    ];
  };
  return {
    value: (z) => polynomial(z > 0 ? right : left, z),
    slope: (z) => polynomial(z > 0 ? dRight : dLeft, z),
    moments(mu, sigma) {
      const parts = sides(mu / sigma).map(([side, ofEps]) => sideMoments(side, ofEps, mu, sigma));
      const [f, squared, slopeSquared] = [0, 1, 2].map((i) =>
        POWERS.map((k) => parts.reduce((sum, part) => sum + part[i][k], 0)),
      );
      return { f, squared, slopeSquared };
    },
  };
}

// What one side adds to the moments of f, f^2 and f'^2.
function sideMoments(coefficients, ofEps, mu, sigma) {
  const f = inEps(coefficients, mu, sigma),
    slope = inEps(derivative(coefficients), mu, sigma);
  const polynomials = [f, product(f, f), product(slope, slope)];
  return polynomials.map((p) => POWERS.map((k) => weigh(p, ofEps, k)));
}

// E cos(angle + t eps) eps^k.
function wave(angle, t, k) {
  const hermite = [1, t, t * t - 1, t * (t * t - 3), (t * t - 6) * t * t + 3][k];
  return hermite * Math.exp(-0.5 * t * t) * Math.cos(angle + (k * Math.PI) / 2);
}

const sine = (w) => ({
  value: (z) => Math.sin(w * z),
  slope: (z) => w * Math.cos(w * z),
  moments(mu, sigma) {
    const double = POWERS.map((k) => wave(2 * w * mu, 2 * w * sigma, k));
    return {
      f: POWERS.map((k) => wave(w * mu - Math.PI / 2, w * sigma, k)),
      squared: POWERS.map((k) => 0.5 * (OF_EPS[k] - double[k])),
      slopeSquared: POWERS.map((k) => 0.5 * w * w * (OF_EPS[k] + double[k])),
    };
  },
});

const SQUARE = [0, 0, 1],
  RAISED = [10, 0, 1];
export const FUNCTIONS = {
  "z^2": twoPolynomials(SQUARE, SQUARE),
  "z^2 + 10": twoPolynomials(RAISED, RAISED),
  "sin 3z": sine(3),
  "|z|": twoPolynomials([0, -1], [0, 1]),
  step: twoPolynomials([0], [1]),
};

function exactNumbers({ f, mu, sigma, n, parameter, baseline }) {
  const moments = FUNCTIONS[f].moments(mu, sigma),
    inMu = parameter === "mu";
  const exact = (inMu ? moments.f[1] : moments.f[2] - moments.f[0]) / sigma;
  const timesScore2 = (m) => (inMu ? m[2] : m[4] - 2 * m[2] + m[0]) / (sigma * sigma);
  const path = moments.slopeSquared[inMu ? 0 : 2] - exact * exact;
  let score = timesScore2(moments.squared);
  if (baseline) {
    const mean = moments.f[0],
      information = timesScore2(OF_EPS);
    const variance = moments.squared[0] - mean * mean;
    score += mean * mean * information - 2 * mean * timesScore2(moments.f);
    score += (variance * information) / (n - 1);
  }
  return {
    exact,
    score_variance: Math.max(0, score - exact * exact),
    path_variance: Math.max(0, path),
  };
}

// --- what each draw says ---

const [fs, scores, paths, terms] = [0, 0, 0, 0].map(() => new Float64Array(MAX_N));

// The first draws: their z. Moving mu moves them all alike.
export const zOf = ({ mu, sigma, n, seed }, most) =>
  [...epsOf(seed, Math.min(n, most))].map((eps) => mu + sigma * eps);

function fillParts({ f, mu, sigma, n, seed, parameter }) {
  const eps = epsOf(seed, n),
    { value, slope } = FUNCTIONS[f],
    inMu = parameter === "mu";
  for (let i = 0; i < n; i++) {
    const e = eps[i],
      z = mu + sigma * e;
    fs[i] = value(z);
    scores[i] = (inMu ? e : e * e - 1) / sigma;
    paths[i] = inMu ? slope(z) : slope(z) * e;
  }
}

function scoreTerms(n, baseline) {
  let mean = 0,
    scale = 1;
  if (baseline) {
    for (let i = 0; i < n; i++) mean += fs[i];
    mean /= n;
    scale = n / (n - 1);
  }
  for (let i = 0; i < n; i++) terms[i] = (fs[i] - mean) * scale * scores[i];
  return terms;
}

function meanAndError(all, n) {
  let sum = 0,
    squares = 0;
  for (let i = 0; i < n; i++) sum += all[i];
  const mean = sum / n;
  for (let i = 0; i < n; i++) squares += (all[i] - mean) ** 2;
  return [mean, Math.sqrt(squares / (n - 1) / n)];
}

function running({ baseline }, ends) {
  const out = { score_mean: [], score_error: [], path_mean: [], path_error: [] };
  for (const n of ends) {
    const row = [...meanAndError(scoreTerms(n, baseline), n), ...meanAndError(paths, n)];
    Object.values(out).forEach((column, i) => column.push(row[i]));
  }
  return out;
}

// --- bins ---

const STEPS = [];
for (let e = -4; e < 7; e++) STEPS.push(...[1, 2, 5].map((m) => Number(`${m}e${e}`)));

function edgesFor(exact, sd) {
  const width = STEPS.find((step) => step >= 0.075 * sd),
    edges = [];
  const low = 5 * Math.floor((exact - 3 * sd) / (5 * width));
  const high = 5 * Math.ceil((exact + 3 * sd) / (5 * width));
  for (let k = low; k <= high; k++) edges.push(width * k);
  return edges;
}

function counts(all, n, edges) {
  const bins = edges.length - 1,
    width = (edges.at(-1) - edges[0]) / bins;
  const out = Array(bins + 2).fill(0);
  for (let i = 0; i < n; i++) {
    out[Math.min(bins, Math.max(-1, Math.floor((all[i] - edges[0]) / width))) + 1]++;
  }
  return out;
}

// --- the picture, and its words ---

export function picture(state) {
  const ends = runningEnds(state.n, 2),
    exact = exactNumbers(state);
  fillParts(state);
  const averages = running(state, ends); // leaves the terms of all n draws behind
  const widest = Math.max(exact.score_variance, exact.path_variance, 1e-6);
  const edges = edgesFor(exact.exact, Math.sqrt(widest));
  const made = {
    state,
    draws: ends,
    ...averages,
    ...exact,
    edges,
    score_counts: counts(terms, state.n, edges),
    path_counts: counts(paths, state.n, edges),
  };
  return { ...made, text: finding(made) };
}

export function fixed(value, digits) {
  const text = Math.abs(value).toFixed(digits),
    [whole, rest] = text.split(".");
  const grouped = SPECS[","](whole) + (rest ? `.${rest}` : "");
  return (value < 0 && Number(text) ? "−" : "") + grouped;
}
export function shown(value) {
  const size = Math.abs(value);
  return fixed(value, size >= 100 ? 0 : size >= 0.1 || size < ZERO ? 2 : 3);
}
export const plain = (value) => fixed(value, 2).replace(/\.?0+$/, "");
export const meanWithError = (mean, error) =>
  [mean, error].map((value) => fixed(value, error < 0.1 ? 3 : 2)).join(" ± ");
const times = (ratio) => say(ratio > 1e6 ? "a_million_times" : "times", { ratio: shown(ratio) });
export const isWrong = (f, exact) => f === "step" && Math.abs(exact) >= ZERO;
export const hasNoVariance = (variance) => variance < NO_VARIANCE;

function compared({ f }, { exact, score_variance: score, path_variance: path }) {
  if (f === "step") {
    return say("flat", { verdict: say(isWrong(f, exact) ? "wrong" : "coincidence") });
  }
  if (hasNoVariance(path)) return say("sure");
  if (score < path) return say("noisier", { times: times(path / score) });
  return say("costlier", { times: times(score / path), score: shown(score), path: shown(path) });
}

// What all draws say of one of the two gradients, and the variance of a single draw.
export function lastOf(pic, name) {
  const [mean, error] = ["mean", "error"].map((what) => pic[`${name}_${what}`].at(-1));
  return { mean, error, variance: error * error * pic.state.n };
}

function finding(made) {
  const { state, exact } = made,
    { f, baseline } = state;
  const answer = (name) => {
    const { mean, error, variance } = lastOf(made, name);
    return say("answer", { average: meanWithError(mean, error), variance: shown(variance) });
  };
  return say("finding", {
    ...state,
    f: f.replace("^2", "²"),
    mu: plain(state.mu),
    sigma: plain(state.sigma),
    exact: shown(exact),
    score_name: say(baseline ? "score_with_baseline" : "score_name"),
    score: answer("score"),
    path: answer("path"),
    wrong: isWrong(f, exact) ? say("wrong_at_any_n") : "",
    compared: compared(state, made),
    note: f === "z^2 + 10" ? say(baseline ? "note_with_baseline" : "note") : "",
  });
}
