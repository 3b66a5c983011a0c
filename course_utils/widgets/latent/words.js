// Where the picture is, and what the explorer says: as _explorer.py has it.
import { changes } from "../_shared/view.js";
import { say, twoDecimals } from "../_shared/say.js";
import { listed, logPrior, named, placeText, placeWords } from "../_shared/latent_words.js";
import { shareBeyond, shareText, sum } from "../_shared/latent_words.js";

const STRIP = 9;

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

const klOf = (mu, logVar) =>
  sum(mu.map((m, i) => 0.5 * (m * m + Math.exp(logVar[i]) - 1 - logVar[i])));

function aboutCode(codes, { chosen, axes }) {
  const name = named(codes, chosen);
  const [mu, logVar] = [codes.mu[chosen], codes.logVar[chosen]];
  if (!logVar) return say("point", { name });
  return say(mu.length > axes.length ? "code_on_axes" : "code", {
    name,
    mean: listed(axes.map((axis) => mu[axis])),
    sd: listed(axes.map((axis) => Math.exp(logVar[axis] / 2))),
    kl: klOf(mu, logVar),
    latents: mu.length,
  });
}

function aboutWalk(codes, { chosen, other, t }, where) {
  if (chosen === null) return say("no_start", { where });
  const name = named(codes, chosen);
  if (other === null) return say("no_end", { name, where });
  return say("walk", { name, other, label: codes.labels[other], t, where });
}

export function describe({ standard_prior }, codes, state) {
  const z = shownZ(codes, state);
  const where = say(standard_prior ? "prior" : "standard", {
    place: placeWords(z, state.axes),
    height: logPrior(z),
    share: shareText(shareBeyond(z)),
  });
  if (state.mode === "interpolate") return aboutWalk(codes, state, where);
  return state.chosen === null ? `${where}.` : `${where}. ${aboutCode(codes, state)}`;
}

// What has changed since the last words, in front of what it means.
export function describeChange(recipe, codes, { before, state }) {
  const short = ({ mode, axes, chosen, other, t, z }) => ({
    mode,
    axes: axes.map((axis) => `z[${axis}]`).join(", "),
    code: String(chosen ?? "none"),
    "second code": String(other ?? "none"),
    t: twoDecimals(t),
    z: placeText(z, axes),
  });
  return changes(before && short(before), short(state)) + describe(recipe, codes, state);
}
