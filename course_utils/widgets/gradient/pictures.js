// The three pictures of the gradient explorer, each drawn on its canvas from a computed picture.
import { ROLE, area, axes, begin, clamp, clip, disc } from "../_shared/canvas.js";
import { hatch, line, niceTicks, segment } from "../_shared/canvas.js";
import { band, beginRunning, curve, endRunning, roundN } from "../_shared/running.js";
import { FUNCTIONS, MAX_N, fixed, shown, zOf } from "./math.js";

export const LOW_SIGMA = 0.1,
  HIGH_SIGMA = 2,
  MOST_MU = 3;
const EDGE = 4.5,
  DOTS = 200,
  ARROWS = 5;
const HEIGHTS = {
  "z^2": [-4, 12],
  "z^2 + 10": [-5, 22],
  "sin 3z": [-1.9, 1.3],
  "|z|": [-1.5, 5],
  step: [-0.5, 1.3],
};
const SYMBOL = { mu: "μ", sigma: "σ" };
// mu moves in hundredths; sigma and n on a log scale, in steps that read well.
export const toMu = (mu) => clamp(Math.round(100 * mu) / 100 + 0, -MOST_MU, MOST_MU);
export const toSigma = (log10) =>
  clamp(Number((10 ** log10).toPrecision(2)), LOW_SIGMA, HIGH_SIGMA);
export const toN = (log10) => roundN(log10, MAX_N);

// --- pad: z to the right; f upwards on the left axis, sigma on the right one ---

export function padScale(width, height, [low, high] = [0, 1]) {
  const box = { left: 42, top: 10, right: width - 26, bottom: height - 40 };
  const unit = (box.right - box.left) / (2 * EDGE),
    up = box.bottom - box.top;
  const floor = box.bottom - 12,
    lift = up - 26,
    logs = Math.log10(HIGH_SIGMA / LOW_SIGMA);
  return {
    box,
    x: (z) => box.left + unit * (z + EDGE),
    y: (f) => box.bottom - (up * (f - low)) / (high - low),
    ySigma: (sigma) => floor - (lift * Math.log10(sigma / LOW_SIGMA)) / logs,
    mu: (x) => toMu((x - box.left) / unit - EDGE),
    sigma: (y) => toSigma(Math.log10(LOW_SIGMA) + logs * clamp((floor - y) / lift, 0, 1)),
  };
}

export function drawPad(canvas, state, colours) {
  const { ctx, width, height } = begin(canvas),
    [low, high] = HEIGHTS[state.f];
  const to = padScale(width, height, [low, high]);
  const { ticks } = niceTicks(low, high, 4);
  axes(ctx, to.box, {
    colours,
    xLabel: "z (ticks: the draws)",
    yLabel: "f(z)",
    xTicks: [-4, -2, 0, 2, 4].map((z) => [to.x(z), fixed(z, 0)]),
    yTicks: ticks.map((f) => [to.y(f), String(Number(f.toFixed(1))).replace("-", "−")]),
  });
  ctx.save();
  clip(ctx, to.box);
  drawFunction(ctx, state, to, colours.ink);
  const zs = zOf(state, DOTS);
  dots(ctx, zs, to, FUNCTIONS[state.f].value);
  arrows(ctx, zs, to, state, colours.paper);
  ctx.restore();
  sigmaTicks(ctx, to, colours);
  knob(ctx, state, to, colours);
}

// f, above the density of q.
function drawFunction(ctx, { f, mu, sigma }, { x: xOf, y, box }, ink) {
  const { left, right, top, bottom } = box,
    rise = 0.3 * (bottom - top),
    grid = [];
  for (let x = left; x <= right; x++) grid.push([x, (x - xOf(0)) / (xOf(1) - xOf(0))]);
  const q = ([x, z]) => [x, bottom - rise * Math.exp(-0.5 * ((z - mu) / sigma) ** 2)];
  area(ctx, ROLE.q + "38", [left, bottom], ...grid.map(q), [right, bottom]);
  line(ctx, grid.map(q).filter(([, y]) => y < bottom - 1), { stroke: ROLE.q });
  const values = grid.map(([x, z]) => [x, y(FUNCTIONS[f].value(z))]);
  line(ctx, values, { stroke: ink, width: 1.5 });
}

function dots(ctx, zs, to, value) {
  ctx.fillStyle = ROLE.samples + "e0";
  for (const z of zs) {
    ctx.beginPath();
    ctx.arc(to.x(z), to.y(value(z)), 2.5, 0, 7);
    ctx.fill();
    ctx.fillRect(to.x(z) - 0.5, to.box.bottom - 6, 1, 6);
  }
}

// Where a dot goes when the parameter grows a little, if f stays as steep as it is there.
function arrows(ctx, zs, to, { f, mu, sigma, parameter }, halo) {
  const { value, slope } = FUNCTIONS[f],
    sorted = [...zs].sort((a, b) => a - b);
  for (let k = 0; k < ARROWS; k++) {
    const z = sorted[Math.floor(((k + 0.5) / ARROWS) * sorted.length)];
    const dz = parameter === "mu" ? clamp(0.7 * sigma, 0.3, 0.8) : (0.5 * (z - mu)) / sigma;
    const start = [to.x(z), to.y(value(z))],
      end = [to.x(z + dz), to.y(value(z) + dz * slope(z))];
    segment(ctx, start, end, { stroke: halo, width: 4 });
    arrow(ctx, start, end);
  }
}

function arrow(ctx, [x0, y0], [x1, y1]) {
  const turn = Math.atan2(y1 - y0, x1 - x0),
    size = Math.min(8, Math.hypot(x1 - x0, y1 - y0));
  const barb = (side) => [x1 - size * Math.cos(turn + side), y1 - size * Math.sin(turn + side)];
  segment(ctx, [x0, y0], [x1, y1], { stroke: ROLE.q, width: 2 });
  area(ctx, ROLE.q, [x1, y1], ...[-0.45, 0.45].map(barb));
}

function sigmaTicks(ctx, { box, ySigma }, { faint, ink }) {
  Object.assign(ctx, { fillStyle: faint, textAlign: "left", textBaseline: "middle" });
  for (const v of [0.1, 0.2, 0.5, 1, 2]) ctx.fillText(v, box.right + 5, ySigma(v));
  ctx.fillStyle = ink;
  ctx.fillText("σ", box.right + 6, box.top - 2);
}

function knob(ctx, { mu, sigma }, to, { ink, faint }) {
  const y = to.ySigma(sigma),
    [x, ...ends] = [mu, mu - sigma, mu + sigma].map(to.x);
  ctx.save();
  clip(ctx, to.box);
  whisker(ctx, ends, y, { stroke: ink, width: 2, size: 5 });
  segment(ctx, [x, y], [x, to.box.bottom], { stroke: faint, dash: [2, 3] });
  ctx.restore();
  disc(ctx, [x, y], 7, "#000");
}

// A level stroke, with a mark of some size to each side at either end.
function whisker(ctx, [left, right], y, { size, ...look }) {
  segment(ctx, [left, y], [right, y], look);
  for (const end of [left, right]) segment(ctx, [end, y - size], [end, y + size], look);
}

// --- histograms: one above the other, on one axis; what lies beyond it is hatched ---

const BEYOND = 14,
  WIDE = 9; // pixels for a bin of outliers and its gap

function histogramScale({ edges }, width, height) {
  const all = { left: 52, right: width - 10, top: 18, bottom: height - 40 };
  const middle = (all.top + all.bottom) / 2;
  const unit = (all.right - all.left - 2 * BEYOND) / (edges.length - 1);
  const [upper, lower] = [{ bottom: middle - 8 }, { top: middle + 18 }];
  return {
    unit,
    boxes: [upper, lower].map((part) => ({ ...all, ...part })),
    x: (t) => all.left + BEYOND + (unit * (t - edges[0])) / (edges[1] - edges[0]),
  };
}

const STRIPS = [
  { name: "score function", key: "score", fill: ROLE.samples },
  { name: "pathwise", key: "path", fill: ROLE.q },
];

export function drawHistograms(canvas, pic, colours) {
  const { ctx, width, height } = begin(canvas),
    { edges, state } = pic;
  const to = histogramScale(pic, width, height),
    exact = to.x(pic.exact);
  const { ticks, digits } = niceTicks(edges[0], edges.at(-1), 4);
  const xTicks = ticks.map((t) => [to.x(t), fixed(t, digits)]);
  const xLabel = `gradient in ${SYMBOL[state.parameter]} from one draw`;
  const [upper, lower] = to.boxes,
    look = { colours, yLabel: "share", yTicks: [] };
  axes(ctx, upper, { ...look, xLabel: "", xTicks: [] });
  axes(ctx, lower, { ...look, xLabel, xTicks });
  to.boxes.forEach((box, i) => strip(ctx, box, to, { pic, ...STRIPS[i] }, colours));
  for (const { top, bottom } of to.boxes) {
    segment(ctx, [exact, top], [exact, bottom], { stroke: ROLE.p, width: 2 });
  }
}

function strip(ctx, box, to, { pic, name, key, fill }, { ink, faint }) {
  const { n } = pic.state,
    counts = pic[`${key}_counts`],
    most = Math.max(...counts);
  const mean = pic[`${key}_mean`].at(-1),
    sd = pic[`${key}_error`].at(-1) * Math.sqrt(n);
  const rise = (box.bottom - box.top - 13) / most;
  bars(ctx, box, counts.slice(1, -1), { rise, fill, unit: to.unit });
  if (counts[0]) beyond(ctx, box, box.left, { count: counts[0], rise, ink });
  if (counts.at(-1)) beyond(ctx, box, box.right - WIDE, { count: counts.at(-1), rise, ink });
  ctx.save();
  clip(ctx, { ...box, top: box.top - 2 });
  whisker(ctx, [mean - sd, mean + sd].map(to.x), box.top + 5, { stroke: ink, width: 1.5, size: 4 });
  ctx.restore();
  Object.assign(ctx, { fillStyle: ink, textAlign: "left", textBaseline: "alphabetic" });
  ctx.fillText(`${name}, sd ${shown(sd)}`, box.left, box.top - 5);
  Object.assign(ctx, { fillStyle: faint, textAlign: "right" });
  ctx.fillText(`${Math.round((100 * most) / n)} %`, box.left - 4, box.bottom - most * rise + 4);
}

function bars(ctx, { left, bottom }, counts, { rise, fill, unit }) {
  ctx.fillStyle = fill;
  counts.forEach((count, i) => {
    const up = count && Math.max(1, count * rise);
    ctx.fillRect(left + BEYOND + unit * i, bottom - up, Math.max(1, unit - 0.5), up);
  });
}

function beyond(ctx, box, left, { count, rise, ink }) {
  const [top, right] = [box.bottom - Math.max(9, count * rise), left + WIDE],
    isFirst = left === box.left;
  hatch(ctx, { left, top, right, bottom: box.bottom }, ink);
  Object.assign(ctx, { strokeStyle: ink, fillStyle: ink, lineWidth: 1 });
  ctx.textAlign = isFirst ? "left" : "right";
  ctx.strokeRect(left, top, WIDE, box.bottom - top);
  ctx.fillText(fixed(count, 0), isFirst ? left + 2 : box.right, top - 4);
}

// --- running averages ---

export function drawRunning(canvas, pic, colours) {
  const { score_mean, score_error, path_mean, path_error, state } = pic;
  const frame = beginRunning(canvas, pic, [score_mean, path_mean], {
    colours,
    most: MAX_N,
    room: (span) => Math.max(0.02, 0.15 * span),
    yLabel: `d/d${SYMBOL[state.parameter]} E f(z)`,
    xTick: fixed,
    yTick: fixed,
  });
  const { ctx, box, xs, y } = frame,
    exact = y(pic.exact);
  band(ctx, xs, [score_mean, score_error], y, ROLE.samples);
  band(ctx, xs, [path_mean, path_error], y, ROLE.q);
  segment(ctx, [box.left, exact], [box.right, exact], { stroke: ROLE.p, width: 2.5 });
  line(ctx, curve(xs, score_mean, y), { stroke: ROLE.samples, width: 2.5, dash: [2, 3] });
  line(ctx, curve(xs, path_mean, y), { stroke: ROLE.q, width: 2.5, dash: [8, 3] });
  endRunning(frame, colours.ink);
}
