// Where a place of a latent space is, in words, and how likely: as latent_words.py has it.
import { say, twoDecimals } from "./say.js";

export const sum = (values) => values.reduce((total, value) => total + value, 0);
const squares = (z) => sum(z.map((value) => value * value));

export const logPrior = (z) => -0.5 * (z.length * Math.log(2 * Math.PI) + squares(z));

// 2 Phi(-r), by the series of Phi around 0.
function twoTails(r) {
  if (r > 8) return 0;
  let term = r;
  let total = r;
  for (let k = 1; term > 1e-17 * total; k++) total += term *= (r * r) / (2 * k + 1);
  return Math.max(0, 1 - (2 * total * Math.exp((-r * r) / 2)) / Math.sqrt(2 * Math.PI));
}

// The share of draws from N(0, I) further from 0: a chi-squared tail, as a sum.
export function shareBeyond(z) {
  const x = squares(z) / 2;
  const odd = z.length % 2;
  if (x > 700) return 0;
  let term = odd ? 2 * Math.sqrt(x / Math.PI) : 1;
  let total = 0;
  for (let k = 0; k < Math.floor(z.length / 2); k++) {
    total += term;
    term *= x / (k + 1 + odd / 2);
  }
  return Math.exp(-x) * total + odd * twoTails(Math.sqrt(2 * x));
}

export const listed = (values) => {
  const numbers = values.map(twoDecimals).join(", ");
  return values.length === 1 ? numbers : `(${numbers})`;
};

export function shareText(share) {
  if (share < 0.001) return say("rare");
  const digits = share >= 0.1 ? 0 : 1;
  const scale = 100 * 10 ** digits;
  return `${(Math.floor(scale * share + 0.5) / 10 ** digits).toFixed(digits)} %`;
}

// Up to two latents in full; of more, those shown, and how long the others are together.
export function placeText(z, axes) {
  if (z.length <= 2) return listed(z);
  const shown = axes.map((axis) => say("on_axis", { axis, value: z[axis] })).join(", ");
  const others = z.filter((_, i) => !axes.includes(i));
  const count = others.length;
  return say(count > 1 ? "others" : "another", {
    shown,
    count,
    length: Math.sqrt(squares(others)),
  });
}

export const placeWords = (z, axes) => {
  const numbers = placeText(z, axes);
  return z.length <= 2 ? say("z", { numbers }) : numbers;
};

export const named = (codes, code) => say("named", { code, label: codes.labels[code] });
