// A left half drawn by hand, and what completes it: as _halves.py has it.
import { clamp } from "../_shared/canvas.js";
import { keysOf, uniform } from "../_shared/normals.js";
import { floatsOf } from "../_shared/latent_decoder.js";
import { conditionalOf, makeNetwork } from "./decoder.js";
import { isPicked } from "./halves_words.js";

// --- the brush: on 28 rows as wide as handwriting is there, 2 pixels with a grey rim ---

const ROWS_PER_PIXEL = 14,
  RIM = 0.9; // the rim in widths of the pen

const hundredths = (value) => Math.round(100 * value) / 100;

function inkAt(distance, width) {
  const t = clamp((width / 2 - distance) / (RIM * width) + 0.5, 0, 1);
  return t * t * (3 - 2 * t);
}

// Rows of pixels with a stroke between two points [x, y], counted in pixels from the upper left
// corner; null once nothing is left on them.
export function brushed(rows, [from, to], erase) {
  const width = Math.max(1, rows.length / ROWS_PER_PIXEL);
  const along = [to[0] - from[0], to[1] - from[1]],
    squared = along[0] ** 2 + along[1] ** 2;
  const painted = rows.map((row, j) =>
    row.map((old, i) => {
      const [x, y] = [i + 0.5 - from[0], j + 0.5 - from[1]];
      const share = squared && clamp((x * along[0] + y * along[1]) / squared, 0, 1);
      const ink = inkAt(Math.hypot(x - share * along[0], y - share * along[1]), width);
      return hundredths(erase ? Math.min(old, 1 - ink) : Math.max(old, ink));
    }),
  );
  return painted.some((row) => row.some(Boolean)) ? painted : null;
}

// --- halves ---

const blank = ([height, width]) => Array.from({ length: height }, () => Array(width).fill(0));

// The columns of a whole picture on one side of the middle, row after row.
export function halfOf(whole, [height, width], side) {
  return Float32Array.from(
    { length: height * width },
    (_, i) => whole[2 * width * Math.floor(i / width) + side * width + (i % width)],
  );
}

// Two halves, side by side.
export function joined(left, right, [height, width]) {
  const whole = new Float32Array(2 * height * width);
  for (let row = 0; row < height; row++) {
    whole.set(left.subarray(row * width, (row + 1) * width), 2 * row * width);
    whole.set(right.subarray(row * width, (row + 1) * width), (2 * row + 1) * width);
  }
  return whole;
}

// The left half that a state means: its pixels row after row, and as rows to draw on.
export function pixelsOf(left, wholes, image) {
  if (isPicked(left)) return halfOf(wholes[left], image, 0);
  return Float32Array.from((left ?? blank(image)).flat());
}

export function rowsOf(left, wholes, image) {
  if (!isPicked(left)) return left ?? blank(image);
  const pixels = pixelsOf(left, wholes, image),
    [, width] = image;
  return blank(image).map((row, j) => row.map((_, i) => hundredths(pixels[j * width + i])));
}

// --- draws of z, decoded ---

// Rows of standard normals, the same as standard_normals of normals.py.
export function normalRows(seed, count, latents) {
  const rows = Array.from({ length: count }, () => Array(latents).fill(0));
  for (let column = 0; column < latents; column += 2) {
    const radii = keysOf(seed, column),
      angles = keysOf(seed, column + 1);
    rows.forEach((row, i) => {
      const radius = Math.sqrt(-2 * Math.log(uniform(i, ...radii)));
      const angle = 2 * Math.PI * uniform(i, ...angles);
      row[column] = radius * Math.cos(angle);
      if (column + 1 < latents) row[column + 1] = radius * Math.sin(angle);
    });
  }
  return rows;
}

// Returns y -> { mu, sd } of p(z | y).
function priorOf(model, { prior, latents, log_var_range }) {
  if (!prior) return () => ({ mu: Array(latents).fill(0), sd: Array(latents).fill(1) });
  const network = makeNetwork(floatsOf(model.get("prior_weights"), prior.half), prior.sizes);
  return (y) => {
    const outputs = [...network(y)];
    return {
      mu: outputs.slice(0, latents),
      sd: outputs.slice(latents).map((v) => Math.exp(clamp(v, ...log_var_range) / 2)),
    };
  };
}

// Returns (y, { seed, spread }) -> right halves, one for each draw, and their mean and variance.
export function makeCompleter(model, recipe) {
  const { draws, latents } = recipe,
    decoder = conditionalOf(model, recipe, latents);
  const given = priorOf(model, recipe);
  let noise = [],
    noiseOf = null;
  return (y, { seed, spread }) => {
    if (noiseOf !== seed) noise = normalRows(seed, draws, latents);
    noiseOf = seed;
    const { mu, sd } = given(y),
      share = decoder.fromY(y);
    const rights = noise.map((eps) =>
      decoder.picture(decoder.fromZ(eps.map((e, i) => mu[i] + spread * sd[i] * e)), share),
    );
    return { rights, ...spreadOf(rights) };
  };
}

function spreadOf(rights) {
  const mean = new Float64Array(rights[0].length);
  for (const right of rights) for (let i = 0; i < mean.length; i++) mean[i] += right[i];
  for (let i = 0; i < mean.length; i++) mean[i] /= rights.length;
  const total = rights.reduce((sum, right) => sum + squaredError(right, mean), 0);
  return { mean, variance: total / rights.length };
}

function squaredError(a, b) {
  let total = 0;
  for (let i = 0; i < a.length; i++) {
    const off = a[i] - b[i];
    total += off * off; // ** 2 would take ten times as long
  }
  return total;
}

// Against the true right half: of a draw on average, of the mean, of the nearest of those shown.
export function errorsOf({ rights, mean }, truth, shown) {
  const each = rights.map((right) => squaredError(right, truth));
  return [
    each.reduce((sum, error) => sum + error, 0) / each.length,
    squaredError(mean, truth),
    Math.min(...each.slice(0, shown)),
  ];
}
