// What the explorer says, out of the same table as _knobs.py.
import { say, twoDecimals } from "../_shared/say.js";
import { knobNamed, valueOf } from "./math.js";

// Phi(x) - 1/2 by its series, exact to rounding for the few deviations a knob can go.
function normalShare(x) {
  let term = x,
    sum = x;
  for (let k = 1; k < 100; k++) sum += term *= (x * x) / (2 * k + 1);
  return (sum * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
}

export const shareBeyond = ({ mean, deviation }, value) =>
  0.5 - normalShare(Math.abs(value - mean) / deviation);

export function meaningOf({ centre, margin, below, within, above }, value) {
  if (value < centre - margin) return below;
  return value > centre + margin ? above : within;
}

function othersThan(knob, value) {
  const share = shareBeyond(knob, value);
  const isEnd = value === knob.low || value === knob.high;
  return say(isEnd ? "at_an_end" : "further_out", {
    percent: (100 * share).toFixed(share >= 0.1 ? 0 : 1),
    do: value >= knob.mean ? knob.higher : knob.lower,
  });
}

export const withUnit = ({ unit }, value) => twoDecimals(value) + (unit && ` ${unit}`);

function aboutKnob(recipe, state) {
  if (state.knob === "digit") return say("about_digit", state);
  const knob = knobNamed(recipe, state.knob),
    at = valueOf(state, state.knob);
  const [value, meaning, others] = [withUnit, meaningOf, othersThan].map((words) =>
    words(knob, at),
  );
  return say("about_knob", { label: knob.label, value, meaning, others });
}

export function describeState(recipe, state) {
  const length = Math.sqrt(state.wobble.reduce((sum, w) => sum + w * w, 0));
  return say("description", {
    about: aboutKnob(recipe, state),
    digit: state.digit,
    values: recipe.knobs
      .slice(0, 4)
      .map((knob) => `${knob.name} ${withUnit(knob, state[knob.name])}`)
      .join(", "),
    wobble: say(length ? "wobble" : "no_wobble", { length, typical: recipe.typical }),
  });
}

// What has changed since the last words, in front of what it means.
export function describeChange(recipe, before, state) {
  const text = describeState(recipe, state),
    label = (name) => knobNamed(recipe, name)?.label;
  if (!before) return text;
  const names = ["digit", ...recipe.knobs.map(({ name }) => name)];
  const moved = names.filter((name) => valueOf(before, name) !== valueOf(state, name));
  const short = (at, name) => (name === "digit" ? at.digit : twoDecimals(valueOf(at, name)));
  const others = moved
    .filter((name) => name !== state.knob)
    .map((name) => `${label(name) ?? name} ${short(before, name)} → ${short(state, name)}`);
  const listed = others.length > 3 ? `${others.length} knobs moved` : others.join(", ");
  const first = listed && `${listed}; `;
  if (!moved.includes(state.knob)) return first + text;
  const name = label(state.knob) ?? state.knob;
  return `${first}${name} ${short(before, state.knob)} → ${text.slice(name.length + 1)}`;
}
