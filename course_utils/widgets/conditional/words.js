// What the conditional explorer says: word for word as _words.py does.
import { changes } from "../_shared/view.js";
import { listed, logPrior, named, placeWords } from "../_shared/latent_words.js";
import { shareBeyond, twoDecimals, under } from "../_shared/latent_words.js";

// --- y is a class ---

// { mu, sd } of p(z | y); undefined where it is N(0, I) for every y.
export const priorGiven = ({ prior }, digit) =>
  prior && { mu: prior.mu[digit], sd: prior.logVar[digit].map((logVar) => Math.exp(logVar / 2)) };

const standardised = (z, prior) => (prior ? z.map((v, i) => (v - prior.mu[i]) / prior.sd[i]) : z);

// { density, whom } by name, { height, share } as numbers: how likely z is given a class.
export function likely(recipe, z, digit) {
  const prior = priorGiven(recipe, digit),
    u = standardised(z, prior);
  const logSd = prior ? prior.sd.reduce((total, sd) => total + Math.log(sd), 0) : 0;
  const name = `p(z|y=${digit})`;
  return {
    density: `log ${prior ? name : "p(z)"}`,
    whom: prior ? name : "the prior",
    height: logPrior(u) - logSd,
    share: shareBeyond(u),
  };
}

function aboutBest(recipe, z) {
  const heights = recipe.prior.mu.map((_, digit) => likely(recipe, z, digit).height);
  const top = Math.max(...heights),
    best = heights.indexOf(top);
  return `This z is likeliest for class ${best}: log p(z|y=${best}) = ${twoDecimals(top)}. `;
}

function aboutStyle(recipe, codes, { z, axes, digit, chosen }) {
  const every = `all ${recipe.classes} classes, ${digit} shown large`;
  if (chosen === null) return `Decoded in this one style: ${every}.`;
  const mu = codes.mu[chosen],
    name = named(codes, chosen);
  const there = mu.every((value, i) => value === z[i]);
  if (there) return `This is the style of image ${name}: ${every}.`;
  return (
    `Decoded in this one style: ${every}. Image ${name}, has its own at ` +
    `${listed(axes.map((axis) => mu[axis]))}.`
  );
}

export function describeClasses(recipe, codes, state) {
  const { z, axes, digit } = state,
    { density, whom, height, share } = likely(recipe, z, digit);
  return (
    `${placeWords(z, axes)}: ${under(density, whom, height, share)}. ` +
    (recipe.prior ? aboutBest(recipe, z) : "") +
    aboutStyle(recipe, codes, state)
  );
}

// What has changed since the last words, in front of what it means.
export function describeClassChange(recipe, codes, { before, state }) {
  const short = (it) => ({
    class: String(it.digit),
    code: String(it.chosen ?? "none"),
    axes: it.axes.map((axis) => `z[${axis}]`).join(", "),
    z: placeWords(it.z, it.axes).replace(/^z = /, ""),
  });
  return (
    changes(short(before), short(state), (_, text) => text) + describeClasses(recipe, codes, state)
  );
}

// --- y is the left half ---

function aboutLeft(left) {
  if (left === null) return "The left half is empty: draw in it, by mouse, finger or keys.";
  if (typeof left === "number") return `The left half of picture ${left}.`;
  const pixels = left.flat(),
    ink = pixels.filter((value) => value > 0).length;
  return `A left half drawn by hand, ink on ${ink} of ${pixels.length} pixels.`;
}

// `shown` has the variance of the draws and, for a picture of the data, their errors.
export function describeHalves(recipe, { left, seed, spread }, { variance, errors }) {
  const noise = spread === 1 ? "" : `, their noise times ${twoDecimals(spread)}`;
  const text =
    `${aboutLeft(left)} Nine draws of z from ${recipe.prior ? "p(z|y)" : "N(0, I)"}, ` +
    `seed ${seed}${noise}; ${recipe.draws} such draws vary by ${twoDecimals(variance)}.`;
  if (!errors) return text;
  const [one, mean, best] = errors.map(twoDecimals);
  return (
    `${text} Off the true right half by ${one} for a draw on average, ${mean} for the mean of ` +
    `${recipe.draws}, ${best} for the nearest of the nine.`
  );
}

export function describeHalfChange(recipe, { before, state, shown }) {
  const name = (left) => (typeof left === "number" ? `picture ${left}` : left ? "drawn" : "empty");
  const short = (it) => ({
    "left half": name(it.left),
    seed: String(it.seed),
    spread: twoDecimals(it.spread),
  });
  return (
    changes(short(before), short(state), (_, text) => text) + describeHalves(recipe, state, shown)
  );
}
