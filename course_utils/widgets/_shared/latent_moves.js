// What a hand can do on the page, each as a change of the state.
import { clamp } from "./canvas.js";
import { stepOf } from "./latent_page.js";

// `now` gives the state, `move` changes it, `scale` says where codes stand on the pad.
export function makeMoves({ recipe, codes, now, move, scale }) {
  const digits = Math.max(0, -Math.floor(Math.log10(stepOf(recipe)) + 1e-9));

  function rounded(value) {
    const step = stepOf(recipe),
      inside = clamp(value, -recipe.span, recipe.span);
    return Number((Math.round(inside / step) * step).toFixed(digits)) + 0;
  }
  function nearest(distance, but = null) {
    // { best, far }: which code, and how far it is
    let best = null,
      far = Infinity;
    codes.mu.forEach((mu, i) => {
      const away = distance(mu, i);
      if (i !== but && away < far) [best, far] = [i, away];
    });
    return { best, far };
  }
  function under([x, y], but) {
    const to = scale();
    return nearest((mu, i) => {
      const [cx, cy] = to.code(mu, codes.labels[i]);
      return Math.hypot(cx - x, cy - y);
    }, but);
  }
  function withAxes(values) {
    // z with other values on the axes shown
    const { z, axes } = now(),
      next = [...z];
    axes.forEach((axis, i) => {
      next[axis] = rounded(values[i]);
    });
    return next;
  }
  const placeAt = ([x, y]) => withAxes(scale().values(x, y));

  // On a walk the first code is A, the second is B, and the third is A anew.
  function choose(index) {
    const { mode, chosen, other } = now(),
      z = codes.mu[index];
    if (mode === "explore") move({ chosen: index, z });
    else if (chosen === null || other !== null) move({ chosen: index, other: null, z });
    else move({ other: index, t: 0.5 });
  }
  function chooseNearest() {
    // to z, on the pad; on a walk B is not A
    const { mode, chosen, other, z, axes } = now(),
      seeksB = mode !== "explore" && other === null;
    const { best } = nearest(
      (mu) => Math.hypot(...axes.map((axis) => mu[axis] - z[axis])),
      seeksB ? chosen : null,
    );
    if (best !== null) choose(best);
  }
  function chooseAlong(step) {
    // the code chosen last gives way to its neighbour
    const { mode, other } = now(),
      count = codes.mu.length;
    const name = mode !== "explore" && other !== null ? "other" : "chosen",
      last = now()[name];
    const first = step > 0 ? 0 : count - 1,
      index = last === null ? first : last + step;
    const next = (index + count) % count;
    move(name === "other" ? { other: next } : { chosen: next, z: codes.mu[next] });
  }
  function walkTo(start, point) {
    // from code to code, by a drag
    const { best } = under(point, start);
    if (best !== null) move({ chosen: start, other: best, t: 0.5, z: codes.mu[start] });
  }
  function arrow(dx, dy) {
    const { z, axes } = now(),
      by = stepOf(recipe) * 10;
    move({ z: withAxes(axes.map((axis, i) => z[axis] + by * [dx, dy][i])) });
  }
  function showAxis(place, axis) {
    // the two axes stay different: they change places
    const { axes } = now(),
      next = [...axes];
    if (axes[1 - place] === axis) next[1 - place] = axes[place];
    next[place] = axis;
    move({ axes: next });
  }
  function setOthers(values) {
    const { z, axes } = now();
    move({ z: z.map((value, i) => (axes.includes(i) ? value : values[i])) });
  }
  return {
    rounded,
    under,
    placeAt,
    choose,
    chooseNearest,
    chooseAlong,
    walkTo,
    arrow,
    showAxis,
    setOthers,
  };
}

// A draw from N(0, I), by Box and Muller.
export const sampleZ = (count) =>
  Array.from(
    { length: count },
    () => Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random()),
  );
