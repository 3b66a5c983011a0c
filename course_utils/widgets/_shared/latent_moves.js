// What a hand can do on the page, each as a change of the state. The first argument is the page:
// `now` gives the state, `move` changes it, `scale` says where codes stand on the pad.
import { clamp } from "./canvas.js";
import { stepOf } from "./latent_page.js";

function rounded({ recipe }, value) {
  const step = stepOf(recipe);
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const inside = clamp(value, -recipe.span, recipe.span);
  return Number((Math.round(inside / step) * step).toFixed(digits)) + 0;
}

// { best, far }: which code, and how far it is.
function nearest({ codes }, distance, but = null) {
  let [best, far] = [null, Infinity];
  codes.mu.forEach((mu, i) => {
    const away = distance(mu, i);
    if (i !== but && away < far) [best, far] = [i, away];
  });
  return { best, far };
}

function under(page, [x, y], but) {
  const to = page.scale();
  const away = (mu, i) => {
    const [cx, cy] = to.code(mu, page.codes.labels[i]);
    return Math.hypot(cx - x, cy - y);
  };
  return nearest(page, away, but);
}

// z with other values on the axes shown.
function withAxes(page, values) {
  const { z, axes } = page.now();
  const next = [...z];
  for (const [i, axis] of axes.entries()) next[axis] = rounded(page, values[i]);
  return next;
}

const placeAt = (page, [x, y]) => withAxes(page, page.scale().values(x, y));

// On a walk the first code is A, the second is B, and the third is A anew.
function choose({ now, move, codes }, index) {
  const { mode, chosen, other } = now();
  const z = codes.mu[index];
  if (mode === "explore") move({ chosen: index, z });
  else if (chosen === null || other !== null) move({ chosen: index, other: null, z });
  else move({ other: index, t: 0.5 });
}

// To z, on the pad; on a walk B is not A.
function chooseNearest(page) {
  const { mode, chosen, other, z, axes } = page.now();
  const seeksB = mode !== "explore" && other === null;
  const away = (mu) => Math.hypot(...axes.map((axis) => mu[axis] - z[axis]));
  const { best } = nearest(page, away, seeksB ? chosen : null);
  if (best !== null) choose(page, best);
}

// The code chosen last gives way to its neighbour.
function chooseAlong({ now, move, codes }, step) {
  const { mode, chosen, other } = now();
  const isB = mode !== "explore" && other !== null;
  const last = isB ? other : chosen;
  const count = codes.mu.length;
  const index = last === null ? (step > 0 ? 0 : count - 1) : (last + step + count) % count;
  move(isB ? { other: index } : { chosen: index, z: codes.mu[index] });
}

// From code to code, by a drag.
function walkTo(page, start, point) {
  const { best } = under(page, point, start);
  if (best !== null) page.move({ chosen: start, other: best, t: 0.5, z: page.codes.mu[start] });
}

function arrow(page, dx, dy) {
  const { z, axes } = page.now();
  const by = stepOf(page.recipe) * 10;
  page.move({
    z: withAxes(
      page,
      axes.map((axis, i) => z[axis] + by * [dx, dy][i]),
    ),
  });
}

// The two axes stay different: they change places.
function showAxis({ now, move }, place, axis) {
  const next = [...now().axes];
  if (next[1 - place] === axis) next[1 - place] = next[place];
  next[place] = axis;
  move({ axes: next });
}

function setOthers({ now, move }, values) {
  const { z, axes } = now();
  move({ z: z.map((value, i) => (axes.includes(i) ? value : values[i])) });
}

const MOVES = { rounded, under, placeAt, choose, chooseNearest, chooseAlong, walkTo, arrow };
Object.assign(MOVES, { showAxis, setOthers });

// All of these, for one page.
export const makeMoves = (page) =>
  Object.fromEntries(
    Object.entries(MOVES).map(([name, run]) => [name, (...given) => run(page, ...given)]),
  );

// A draw from N(0, I), by Box and Muller.
export const sampleZ = (count) =>
  Array.from(
    { length: count },
    () => Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random()),
  );
