// What the conditional explorer of classes says: as _classes.py has it.
import { changes } from "../_shared/view.js";
import { say } from "../_shared/say.js";
import { listed, logPrior, named, placeText, placeWords } from "../_shared/latent_words.js";
import { shareBeyond, shareText, sum } from "../_shared/latent_words.js";

// { mu, sd } of p(z | y); undefined where it is N(0, I) for every y.
export const priorGiven = ({ prior }, digit) =>
  prior && { mu: prior.mu[digit], sd: prior.log_var[digit].map((v) => Math.exp(v / 2)) };

// Log p(z | y), nats, and the share of draws from it that are less likely than z.
export function likely(recipe, z, digit) {
  const prior = priorGiven(recipe, digit);
  if (!prior) return { height: logPrior(z), beyond: shareBeyond(z) };
  const u = z.map((value, i) => (value - prior.mu[i]) / prior.sd[i]);
  return { height: logPrior(u) - sum(prior.sd.map(Math.log)), beyond: shareBeyond(u) };
}

function aboutBest(recipe, z) {
  const heights = recipe.prior.mu.map((_, digit) => likely(recipe, z, digit).height);
  const height = Math.max(...heights);
  return say("likeliest", { best: heights.indexOf(height), height });
}

function aboutStyle({ classes }, codes, { z, axes, digit, chosen }) {
  if (chosen === null) return say("style", { classes, digit });
  const mu = codes.mu[chosen];
  const there = mu.every((value, i) => value === z[i]);
  const own = listed(axes.map((axis) => mu[axis]));
  const name = named(codes, chosen);
  return say(there ? "style_of_image" : "style_and_image", { name, classes, digit, own });
}

export function describeClasses(recipe, codes, state) {
  const { z, axes, digit } = state;
  const { height, beyond } = likely(recipe, z, digit);
  const values = { place: placeWords(z, axes), digit, height, share: shareText(beyond) };
  const where = say(recipe.prior ? "prior_of_class" : "prior", values);
  const best = recipe.prior ? ` ${aboutBest(recipe, z)}` : "";
  return `${where}.${best} ${aboutStyle(recipe, codes, state)}`;
}

// What has changed since the last words, in front of what it means.
export function describeClassChange(recipe, codes, { before, state }) {
  const short = ({ digit, chosen, axes, z }) => ({
    class: String(digit),
    code: String(chosen ?? "none"),
    axes: axes.map((axis) => `z[${axis}]`).join(", "),
    z: placeText(z, axes),
  });
  return changes(before && short(before), short(state)) + describeClasses(recipe, codes, state);
}
