// The writer of digits in the browser: the pictures of data/_strokes.py to 1e-3 of their ink, and
// draws from its prior. A recipe (see _writer.py) holds letter forms, knobs and constants.

export const SIDE = 28;
const PER_SPAN = 3;

// --- letter forms: see data/_skeletons.py ---

// The cubic from b (t = 0) to c (t = 1) whose slopes are those of a..c and b..d.
const cubic = (a, b, c, d, t) =>
  b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (d - a + 3 * (b - c))));

function smoothCurve(points) {
  const beyond = (p, q) => [2 * p[0] - q[0], 2 * p[1] - q[1]];
  const p = [beyond(points[0], points[1]), ...points, beyond(points.at(-1), points.at(-2))];
  const curve = [];
  for (let i = 0; i + 3 < p.length; i++) {
    const [a, b, c, d] = p.slice(i, i + 4);
    for (let k = 0; k < PER_SPAN; k++) {
      curve.push([0, 1].map((axis) => cubic(a[axis], b[axis], c[axis], d[axis], k / PER_SPAN)));
    }
  }
  return [...curve, points.at(-1)];
}

// Straight pieces [start, end] of a digit, about in [-1, 1]; made once for each digit.
const knownPieces = new WeakMap();
function piecesOf(strokesOfDigit) {
  if (!knownPieces.has(strokesOfDigit)) {
    const pieces = strokesOfDigit.flatMap((points) => {
      const curve = smoothCurve(points).map(([x, y]) => [2 * x - 1, 2 * y - 1]);
      return curve.slice(1).map((end, i) => [curve[i], end]);
    });
    knownPieces.set(strokesOfDigit, pieces);
  }
  return knownPieces.get(strokesOfDigit);
}

// --- one picture: bend, scale, shear and turn the path, centre it, lay ink along it ---

function posed([x, y], { slant, size, angle, wobble: w }, height) {
  const waveX = x * (1 - x * x),
    waveY = y * (1 - y * y),
    half = (size * height) / 2;
  const dx = w[0] * 0.1 * y * y + w[1] * 0.1 * x * y + w[2] * 0.2 * waveY + w[3] * 0.08 * x;
  const dy = w[4] * 0.12 * x * x + w[5] * 0.1 * x * y + w[6] * 0.25 * waveX + w[7] * 0.1 * y * y;
  const up = (y + dy) * half,
    across = (x + dx) * half - slant * up;
  const cos = Math.cos(angle),
    sin = Math.sin(angle);
  return [cos * across - sin * up, sin * across + cos * up];
}

// What centres the ink along one axis, or as near as keeps it off the border.
function centring(path, axis, margin) {
  let lowest = Infinity,
    highest = -Infinity,
    mass = 0,
    total = 0;
  for (const { a, b, length } of path) {
    lowest = Math.min(lowest, a[axis], b[axis]);
    highest = Math.max(highest, a[axis], b[axis]);
    mass += (length * (a[axis] + b[axis])) / 2;
    total += length;
  }
  return Math.min(Math.max(SIDE / 2 - mass / total, margin - lowest), SIDE - margin - highest);
}

// 28 x 28 numbers in [0, 1], row by row, ink is 1.
export function drawDigit(recipe, state) {
  const path = piecesOf(recipe.skeletons[state.digit]).map(([start, end]) => {
    const a = posed(start, state, recipe.height),
      b = posed(end, state, recipe.height);
    return { a, b, length: Math.max(1e-6, Math.hypot(b[0] - a[0], b[1] - a[1])) };
  });
  const margin = state.weight / 2 + recipe.edge / 2 + 0.5;
  const shift = [0, 1].map((axis) => centring(path, axis, margin));
  const nearest = new Float64Array(SIDE * SIDE).fill(Infinity); // squared distances
  for (const piece of path) nearer(nearest, piece, shift);
  return nearest.map((squared) => inkAt(Math.sqrt(squared), state.weight, recipe.edge));
}

function nearer(nearest, { a, b, length }, shift) {
  const ex = (b[0] - a[0]) / length,
    ey = (b[1] - a[1]) / length,
    half = length / 2;
  const mx = (a[0] + b[0]) / 2 + shift[0],
    my = (a[1] + b[1]) / 2 + shift[1];
  for (let row = 0, at = 0; row < SIDE; row++) {
    const y = row + 0.5 - my;
    for (let column = 0; column < SIDE; column++, at++) {
      const x = column + 0.5 - mx,
        across = x * ey - y * ex;
      const along = Math.max(0, Math.abs(x * ex + y * ey) - half);
      const squared = along * along + across * across;
      if (squared < nearest[at]) nearest[at] = squared;
    }
  }
}

function inkAt(distance, weight, edge) {
  const t = Math.min(1, Math.max(0, (weight / 2 - distance) / edge + 0.5));
  return t * t * (3 - 2 * t);
}

// --- knobs by name: "slant", or "wobble 3" for the third of wobble ---

export const valueOf = (state, name) =>
  name.startsWith("wobble ") ? state.wobble[Number(name.slice(7)) - 1] : state[name];

export function turned(state, name, value) {
  if (!name.startsWith("wobble ")) return { ...state, [name]: value };
  return { ...state, wobble: state.wobble.with(Number(name.slice(7)) - 1, value) };
}

export const knobNamed = (recipe, name) => recipe.knobs.find((knob) => knob.name === name);

// The values of one knob along the strip: from its lowest to its highest, or all ten digits.
export function stripValues(recipe, name) {
  if (name === "digit") return recipe.skeletons.map((_, digit) => digit);
  const { low, high } = knobNamed(recipe, name),
    last = recipe.strip - 1;
  return Array.from({ length: recipe.strip }, (_, i) => low + ((high - low) * i) / last);
}

// --- the prior ---

// Uniform numbers in (0, 1) from a seed, the same ones on every page (mulberry32).
export function uniformFrom(seed) {
  let at = seed >>> 0;
  return () => {
    at = (at + 0x6d2b79f5) >>> 0;
    let h = Math.imul(at ^ (at >>> 15), at | 1);
    h ^= h + Math.imul(h ^ (h >>> 7), h | 61);
    return (((h ^ (h >>> 14)) >>> 0) + 0.5) / 4294967296;
  };
}

// A style from p(z), by Box and Muller, cut at the ends of each range.
export function sampleStyle(recipe, uniform) {
  let style = { wobble: Array(8).fill(0) };
  for (const { name, mean, deviation, low, high } of recipe.knobs) {
    const normal = Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
    const value = Math.min(high, Math.max(low, mean + deviation * normal));
    style = turned(style, name, Number(value.toFixed(4))); // short in a saved notebook
  }
  return style;
}

export const sampleDigit = (uniform) => Math.floor(10 * uniform());
