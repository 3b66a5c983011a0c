// What the explorer of rate and distortion says: as _explorer.py has it.
import { changes } from "../_shared/view.js";
import { say, twoDecimals } from "../_shared/say.js";

const SAME = 0.005;
const AVERAGES = " (R and D did not move: they are averages over draws)";
const SYMBOLS = { rate: "R", distortion: "D" };

export const nameOf = ({ points }, model) => `${model} (sigma ${twoDecimals(points[model].sigma)})`;
export const pairText = (pair) => pair.map(twoDecimals).join(", ");

function sideOf({ rate, needed }) {
  const gap = rate - needed;
  return say(Math.abs(gap) < SAME ? "on" : gap < 0 ? "below" : "above", { gap: Math.abs(gap) });
}

const named = ([rate, distortion, needed]) => ({ rate, distortion, needed });

export function describe({ points, tested }, { model, image }) {
  const here = points[model],
    linear = named(here.linear);
  return say("network", {
    ...here,
    tested,
    side: sideOf(here),
    linear: say(linear.rate ? "linear" : "nothing", { ...linear, side: sideOf(linear) }),
    own: say("own", { ...named(here.own[image]), image }),
  });
}

const movedBy = (name, before, after) =>
  `${name} ${after < before ? "fell" : "rose"} by ${twoDecimals(Math.abs(after - before))}`;

function remarksOn({ points }, before, state) {
  const [from, to] = [before, state].map(({ model }) => points[model]);
  const network = ["rate", "distortion"].map((k) => movedBy(SYMBOLS[k], from[k], to[k]));
  const isSame = before.model === state.model && before.image === state.image;
  return { network: ` (${network.join(", ")})`, draws: isSame ? AVERAGES : "" };
}

// What has changed since the last words, in front of what it means.
export function describeChange(recipe, { state, before = state }) {
  const short = ({ model, image, seed }) => ({
    network: nameOf(recipe, model),
    picture: String(image),
    draws: String(seed),
  });
  const remarks = remarksOn(recipe, before, state);
  const moved = changes(short(before), short(state), undefined, remarks);
  return moved + describe(recipe, state);
}
