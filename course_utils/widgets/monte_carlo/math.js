// The numbers, and the sentences, of the Monte Carlo explorer, without a page.
// Notation: z ~ N(0, I_L), x | z ~ N(z, sigma^2 I_L), x = (1, ..., 1); draws z = mu + s eps from q.
import { keysOf, uniform } from "../_shared/normals.js";
import { runningEnds } from "../_shared/running.js";
import { SPECS, say } from "../_shared/say.js";

export const MAX_N = 100000,
  MAX_DIMENSION = 20,
  TRUST = 10;
const LARGEST = 30;
const LOG_2PI = Math.log(2 * Math.PI);

// --- draws ---

// Column L - 1 of s1 and s2 holds sum_j eps_ij and sum_j eps_ij^2 over j < L. Kept for one seed and
// made on demand, so that a move costs no random numbers.
const kept = { seed: -1, s1: [], s2: [], filled: [] };

function fillPair(pair, n) {
  const { seed, s1, s2, filled } = kept,
    a = 2 * pair,
    b = a + 1,
    from = filled[pair] ?? 0;
  if (from >= n) return;
  for (const c of [a, b]) {
    s1[c] ??= new Float64Array(MAX_N);
    s2[c] ??= new Float64Array(MAX_N);
  }
  const [kr, kr2] = keysOf(seed, a),
    [ka, ka2] = keysOf(seed, b);
  for (let i = from; i < n; i++) {
    const radius = Math.sqrt(-2 * Math.log(uniform(i, kr, kr2)));
    const angle = 2 * Math.PI * uniform(i, ka, ka2);
    const e1 = radius * Math.cos(angle),
      e2 = radius * Math.sin(angle);
    s1[a][i] = (a ? s1[a - 1][i] : 0) + e1;
    s2[a][i] = (a ? s2[a - 1][i] : 0) + e1 * e1;
    s1[b][i] = s1[a][i] + e2;
    s2[b][i] = s2[a][i] + e2 * e2;
  }
  filled[pair] = n;
}

function sums(seed, n, dimension) {
  if (kept.seed !== seed) Object.assign(kept, { seed, filled: [] });
  for (let pair = 0; 2 * pair < dimension; pair++) fillPair(pair, n);
  return [kept.s1[dimension - 1], kept.s2[dimension - 1]];
}

// --- weights ---

function proposalOf({ sigma, proposal }) {
  const m = 1 / (1 + sigma ** 2),
    v = sigma ** 2 / (1 + sigma ** 2);
  return { m, v, mu: proposal * m, s: Math.exp(proposal * 0.5 * Math.log(v)) };
}

const scratch = new Float64Array(MAX_N),
  relative = new Float64Array(MAX_N);

function logWeights(state) {
  const { dimension, sigma, n, seed } = state,
    { m, v, mu, s } = proposalOf(state);
  const [s1, s2] = sums(seed, n, dimension),
    logW = scratch.subarray(0, n);
  const c0 =
    dimension *
    (Math.log(s) -
      0.5 * (LOG_2PI + 2 * Math.log(sigma)) -
      0.5 * ((1 - mu) / sigma) ** 2 -
      0.5 * mu ** 2);
  const c1 = (s * (m - mu)) / v,
    c2 = 0.5 * (1 - (s * s) / v);
  for (let i = 0; i < n; i++) logW[i] = c0 + c1 * s1[i] + c2 * s2[i];
  return logW;
}

// After each end: log mean w, its standard error, ESS. Chunks are merged by Chan's formula.
function running(logW, ends) {
  const out = { estimate: [], std_error: [], ess: [] };
  let start = 0,
    top = -Infinity,
    mean = 0,
    dev = 0;
  for (const end of ends) {
    const k = end - start,
      chunk = chunkOf(logW.subarray(start, end), top);
    const shrink = Math.exp(top - chunk.top),
      delta = chunk.mean - mean * shrink;
    dev = dev * shrink ** 2 + chunk.dev + delta ** 2 * ((start * k) / end);
    mean = mean * shrink + delta * (k / end);
    top = chunk.top;
    start = end;
    const spread = dev / (end * mean ** 2);
    out.estimate.push(Math.log(mean) + top);
    out.std_error.push(Math.sqrt(spread / end));
    out.ess.push(end / (1 + spread));
  }
  return out;
}

// The largest log-weight so far; relative to it, the mean weight and its squared deviations.
function chunkOf(logW, top) {
  let sum = 0,
    dev = 0;
  for (const a of logW) if (a > top) top = a;
  for (let i = 0; i < logW.length; i++) sum += relative[i] = Math.exp(logW[i] - top);
  const mean = sum / logW.length;
  for (let i = 0; i < logW.length; i++) dev += (relative[i] - mean) ** 2;
  return { top, mean, dev };
}

function largest(logW, count) {
  const best = []; // sorted, largest first, never over count
  for (const a of logW) {
    if (best.length === count && a <= best[count - 1]) continue;
    let at = best.length;
    while (at && best[at - 1] < a) at--;
    best.splice(at, 0, a);
    if (best.length > count) best.pop();
  }
  return best;
}

// --- closed forms ---

// log E_q[(w / p(x))^2], for each dimension; 0 at the posterior.
export function logSecondMoment(state) {
  const { m, v, mu, s } = proposalOf(state),
    a = 1 / v,
    b = 1 / s ** 2;
  return Math.log(a) - 0.5 * Math.log(b * (2 * a - b)) + (a * b * (m - mu) ** 2) / (2 * a - b);
}

// log10 of the draws for a relative error of 10 %: n = relvar / 0.01.
function log10Needed(state) {
  const y = state.dimension * logSecondMoment(state);
  return y < 1e-12 ? 0 : Math.max(0, 2 + (y + Math.log(-Math.expm1(-y))) / Math.LN10);
}

function exactLogPx({ dimension, sigma }) {
  const variance = 1 + sigma ** 2;
  return -0.5 * dimension * (LOG_2PI + Math.log(variance) + 1 / variance);
}

// --- the picture, and its words ---

export function picture(state) {
  const ends = runningEnds(state.n, 1),
    logW = logWeights(state),
    run = running(logW, ends);
  const total = run.estimate.at(-1) + Math.log(state.n);
  const shares = largest(logW, LARGEST).map((a) => Math.exp(a - total));
  const made = {
    state,
    draws: ends,
    ...run,
    exact: exactLogPx(state),
    shares,
    others: Math.max(0, 1 - shares.reduce((sum, share) => sum + share, 0)),
    log10_needed: log10Needed(state),
  };
  return { ...made, text: finding(made) };
}

export const signed = (value, digits = 2) =>
  (Number(value.toFixed(digits)) + 0).toFixed(digits).replace("-", "−"); // + 0: zero has no sign
export const grouped = SPECS[","];
export const essText = (ess) => (ess < 100 ? ess.toFixed(1) : grouped(Math.round(ess)));

export const percent = (share) => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;

function missText(miss) {
  const size = Math.abs(miss).toFixed(2);
  if (size === "0.00") return say("right");
  return say(miss < 0 ? "low" : "high", { size });
}

function sourceText(t) {
  if (t === 0) return say("prior");
  return t === 1 ? say("posterior") : say("between", { percent: Math.round(100 * t) });
}

export function neededText(log10) {
  const n = Math.round(10 ** Math.min(log10, 3));
  return n < 1000 ? String(n) : `10^${log10.toFixed(1)}`;
}

// What all draws say: the estimate, its standard error, ESS.
export const lastOf = ({ estimate, std_error, ess }) =>
  [estimate, std_error, ess].map((values) => values.at(-1));

function finding(pic) {
  const { state, exact, shares, log10_needed } = pic,
    [value, error, size] = lastOf(pic);
  const n = neededText(log10_needed);
  return say("finding", {
    ...state,
    source: sourceText(state.proposal),
    noun: say(state.dimension === 1 ? "dimension" : "dimensions"),
    sigma: Number(state.sigma.toPrecision(3)),
    value: signed(value),
    bar: say(size < TRUST ? "void" : "bar", { error: error.toFixed(2) }),
    exact: signed(exact),
    miss: missText(value - exact),
    ess: essText(size),
    share: percent(shares[0]),
    needed: say(n === "1" ? "one_draw" : "draws", { n }),
  });
}
