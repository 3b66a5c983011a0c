// What the conditional explorer of halves says: as _halves.py has it.
import { changes } from "../_shared/view.js";
import { say, twoDecimals } from "../_shared/say.js";

// A picture of the data, by its number; else drawn by hand.
export const isPicked = (left) => typeof left === "number";

function aboutLeft(left) {
  if (left === null) return say("empty");
  if (isPicked(left)) return say("picked", { left });
  const pixels = left.flat();
  return say("drawn", { ink: pixels.filter((value) => value > 0).length, pixels: pixels.length });
}

// `shown` has the variance of the draws and, for a picture of the data, their errors.
export function describeHalves(recipe, { left, seed, spread }, { variance, errors }) {
  const prior = recipe.prior ? "p(z|y)" : "N(0, I)";
  const count = recipe.draws;
  const values = { half: aboutLeft(left), prior, seed, spread, count, variance };
  const text = say(spread === 1 ? "draws" : "draws_spread", values);
  if (!errors) return text;
  const [one, mean, best] = errors;
  return `${text} ${say("errors", { one, mean, best, count })}`;
}

export function describeHalfChange(recipe, { before, state, shown }) {
  const name = (left) => (isPicked(left) ? `picture ${left}` : left ? "drawn" : "empty");
  const short = (it) => ({
    "left half": name(it.left),
    seed: String(it.seed),
    spread: twoDecimals(it.spread),
  });
  return changes(before && short(before), short(state)) + describeHalves(recipe, state, shown);
}
