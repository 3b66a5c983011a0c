// Where the picture is, and what the explorer says: word for word as latent_words.py does.
import { changes } from "./view.js";

const STRIP = 9;

// --- where ---

const walks = ({ mode, chosen, other }) =>
  mode === "interpolate" && chosen !== null && other !== null;

const between = (codes, { chosen, other }, t) =>
  codes.mu[chosen].map((start, i) => (1 - t) * start + t * codes.mu[other][i]);

export const shownZ = (codes, state) => (walks(state) ? between(codes, state, state.t) : state.z);

// Latents from the chosen code to the other; none while there is no way to go.
export const stripOf = (codes, state) =>
  walks(state)
    ? Array.from({ length: STRIP }, (_, i) => between(codes, state, i / (STRIP - 1)))
    : [];

const sum = (values) => values.reduce((total, value) => total + value, 0);
const squares = (z) => sum(z.map((value) => value * value));

export const logPrior = (z) => -0.5 * (z.length * Math.log(2 * Math.PI) + squares(z));

// 2 Phi(-r), by the series of Phi around 0.
function twoTails(r) {
  if (r > 8) return 0;
  let term = r,
    total = r;
  for (let k = 1; term > 1e-17 * total; k++) total += term *= (r * r) / (2 * k + 1);
  return Math.max(0, 1 - (2 * total * Math.exp((-r * r) / 2)) / Math.sqrt(2 * Math.PI));
}

// The share of draws from N(0, I) further from 0: a chi-squared tail, as a sum.
export function shareBeyond(z) {
  const x = squares(z) / 2,
    odd = z.length % 2;
  if (x > 700) return 0;
  let term = odd ? 2 * Math.sqrt(x / Math.PI) : 1,
    total = 0;
  for (let k = 0; k < Math.floor(z.length / 2); k++) {
    total += term;
    term *= x / (k + 1 + odd / 2);
  }
  return Math.exp(-x) * total + odd * twoTails(Math.sqrt(2 * x));
}

export function klOf(codes, index) {
  const logVar = codes.logVar[index];
  return sum(codes.mu[index].map((m, i) => 0.5 * (m * m + Math.exp(logVar[i]) - 1 - logVar[i])));
}

// --- words ---

// Halves upwards, with a true minus; the sum with 0 turns -0 into 0.
export const twoDecimals = (value) =>
  (Math.floor(100 * value + 0.5) / 100 + 0).toFixed(2).replace("-", "−");

export const listed = (values) => {
  const numbers = values.map(twoDecimals).join(", ");
  return values.length === 1 ? numbers : `(${numbers})`;
};

export function shareText(share) {
  if (share < 0.001) return "fewer than 1 in 1000";
  const digits = share >= 0.1 ? 0 : 1,
    scale = 100 * 10 ** digits;
  return `${(Math.floor(scale * share + 0.5) / 10 ** digits).toFixed(digits)} %`;
}

// Up to two latents in full; of more, those shown, and how long the others are together.
export function placeWords(z, axes) {
  if (z.length <= 2) return `z = ${listed(z)}`;
  const shown = axes.map((axis) => `z[${axis}] = ${twoDecimals(z[axis])}`).join(", ");
  const length = Math.sqrt(squares(z.filter((_, i) => !axes.includes(i))));
  const rest = z.length - axes.length;
  return `${shown}, the other${rest > 1 ? ` ${rest}` : ""} of length ${twoDecimals(length)}`;
}

function aboutPlace(recipe, z, axes) {
  const [density, whom] = recipe.standardPrior
    ? ["log p(z)", "the prior"]
    : ["log N(z; 0, I)", "N(0, I)"];
  return `${placeWords(z, axes)}: ${under(density, whom, logPrior(z), shareBeyond(z))}`;
}

// How likely a place is: the density there, and which share of the draws lies beyond.
export const under = (density, whom, height, share) =>
  `${density} = ${twoDecimals(height)} nats; ${shareText(share)} of draws from ${whom} ` +
  "lie further out";

export const named = (codes, index) => `${index}, labelled ${codes.labels[index]} in the data set`;

function aboutCode(codes, { chosen, axes }) {
  const start = `Code ${named(codes, chosen)}`;
  if (!codes.logVar.length) return `${start}, is a point: this encoder gives no q(z|x).`;
  const mu = codes.mu[chosen],
    on = mu.length > axes.length;
  const mean = axes.map((axis) => mu[axis]);
  const sd = axes.map((axis) => Math.exp(codes.logVar[chosen][axis] / 2));
  return (
    `${start}: q(z|x) has mean ${listed(mean)} and standard deviation ${listed(sd)}` +
    `${on ? " on these axes" : ""}, KL(q‖N(0, I)) = ${twoDecimals(klOf(codes, chosen))} nats` +
    `${on ? ` in all ${mu.length} latents` : ""}.`
  );
}

function aboutWalk(codes, { chosen, other, t }, where) {
  if (chosen === null) return `${where}. Choose the first code.`;
  const start = `From code ${named(codes, chosen)}`;
  if (other === null) return `${start}: choose the second code. ${where}.`;
  return (
    `${start}, to code ${other}, labelled ${codes.labels[other]}: ` +
    `t = ${twoDecimals(t)}, ${where}.`
  );
}

export function describe(recipe, codes, state) {
  const where = aboutPlace(recipe, shownZ(codes, state), state.axes);
  if (state.mode === "interpolate") return aboutWalk(codes, state, where);
  return state.chosen === null ? `${where}.` : `${where}. ${aboutCode(codes, state)}`;
}

// What has changed since the last words, in front of what it means.
export function describeChange(recipe, codes, { before, state }) {
  const short = (it) => ({
    mode: it.mode,
    axes: it.axes.map((axis) => `z[${axis}]`).join(", "),
    chosen: String(it.chosen ?? "none"),
    other: String(it.other ?? "none"),
    t: twoDecimals(it.t),
    z: placeWords(it.z, it.axes).replace(/^z = /, ""),
  });
  const label = { chosen: "code", other: "second code" };
  const [then, now] = [before, state].map((it) =>
    Object.fromEntries(
      Object.entries(short(it)).map(([name, text]) => [label[name] ?? name, text]),
    ),
  );
  return changes(then, now, (_, text) => text) + describe(recipe, codes, state);
}
