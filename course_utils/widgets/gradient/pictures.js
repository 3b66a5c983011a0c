// The three pictures of the gradient explorer, each drawn on its canvas from a computed picture.
import { ROLE, axes, begin, clamp, clip, hatch, line, niceTicks } from "../_shared/canvas.js";
import { FUNCTIONS, MAX_N, fixed, shown, zOf } from "./math.js";

export const LOW_SIGMA = 0.1,
  HIGH_SIGMA = 2,
  MOST_MU = 3;
const EDGE = 4.5,
  DOTS = 200,
  ARROWS = 5,
  FIRST_SHOWN = 10;
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
export const toN = (log10) => clamp(Number((10 ** log10).toPrecision(2)), 10, MAX_N);

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
  const to = padScale(width, height, [low, high]),
    { box } = to;
  const { ticks } = niceTicks(low, high, 4);
  axes(ctx, box, {
    colours,
    xLabel: "z (ticks: the draws)",
    yLabel: "f(z)",
    xTicks: [-4, -2, 0, 2, 4].map((z) => [to.x(z), fixed(z, 0)]),
    yTicks: ticks.map((f) => [to.y(f), String(Number(f.toFixed(1))).replace("-", "−")]),
  });
  const { value } = FUNCTIONS[state.f],
    grid = [];
  for (let x = box.left; x <= box.right; x++) grid.push([x, (x - to.x(0)) / (to.x(1) - to.x(0))]);
  ctx.save();
  clip(ctx, box);
  density(ctx, state, grid, box);
  const curve = grid.map(([x, z]) => [x, to.y(value(z))]);
  line(ctx, curve, { stroke: colours.ink, width: 1.5 });
  const zs = zOf(state, DOTS);
  dots(ctx, zs, to, value);
  arrows(ctx, zs, to, state, colours.paper);
  ctx.restore();
  knob(ctx, state, to, colours);
}

function density(ctx, { mu, sigma }, grid, { left, right, top, bottom }) {
  const rise = 0.3 * (bottom - top);
  const edge = grid.map(([x, z]) => [x, bottom - rise * Math.exp(-0.5 * ((z - mu) / sigma) ** 2)]);
  ctx.fillStyle = ROLE.q + "38";
  ctx.beginPath();
  for (const [x, y] of [[left, bottom], ...edge, [right, bottom]]) ctx.lineTo(x, y);
  ctx.fill();
}

function dots(ctx, zs, to, value) {
  ctx.fillStyle = ROLE.samples + "a0";
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
    const ends = [
      [to.x(z), to.y(value(z))],
      [to.x(z + dz), to.y(value(z) + dz * slope(z))],
    ];
    line(ctx, ends, { stroke: halo, width: 4 });
    arrow(ctx, ...ends);
  }
}

function arrow(ctx, [x0, y0], [x1, y1]) {
  const turn = Math.atan2(y1 - y0, x1 - x0),
    size = Math.min(8, Math.hypot(x1 - x0, y1 - y0));
  line(
    ctx,
    [
      [x0, y0],
      [x1, y1],
    ],
    { stroke: ROLE.q, width: 2 },
  );
  ctx.fillStyle = ROLE.q;
  ctx.beginPath();
  ctx.moveTo(x1, y1);
  for (const side of [-0.45, 0.45]) {
    ctx.lineTo(x1 - size * Math.cos(turn + side), y1 - size * Math.sin(turn + side));
  }
  ctx.fill();
}

function knob(ctx, { mu, sigma }, to, colours) {
  const y = to.ySigma(sigma),
    [x, left, right] = [mu, mu - sigma, mu + sigma].map(to.x);
  Object.assign(ctx, { fillStyle: colours.faint, textAlign: "left", textBaseline: "middle" });
  for (const v of [0.1, 0.2, 0.5, 1, 2]) ctx.fillText(v, to.box.right + 5, to.ySigma(v));
  ctx.fillStyle = colours.ink;
  ctx.fillText("σ", to.box.right + 6, to.box.top - 2);
  ctx.save();
  clip(ctx, to.box);
  const stroke = colours.ink;
  line(
    ctx,
    [
      [left, y],
      [right, y],
    ],
    { stroke, width: 2 },
  );
  for (const end of [left, right])
    line(
      ctx,
      [
        [end, y - 5],
        [end, y + 5],
      ],
      { stroke, width: 2 },
    );
  line(
    ctx,
    [
      [x, y],
      [x, to.box.bottom],
    ],
    { stroke: colours.faint, dash: [2, 3] },
  );
  ctx.restore();
  ctx.beginPath();
  ctx.arc(x, y, 7, 0, 7);
  Object.assign(ctx, { fillStyle: "#fff", strokeStyle: "#000", lineWidth: 2.5 });
  ctx.fill();
  ctx.stroke();
}

// --- histograms: one above the other, on one axis; what lies beyond it is hatched ---

const BEYOND = 14,
  WIDE = 9; // pixels for a bin of outliers and its gap

export function drawHistograms(canvas, pic, colours) {
  const { ctx, width, height } = begin(canvas),
    { edges, state } = pic,
    bin = edges[1] - edges[0];
  const all = { left: 52, right: width - 10, top: 18, bottom: height - 40 };
  const middle = (all.top + all.bottom) / 2;
  const unit = (all.right - all.left - 2 * BEYOND) / (edges.length - 1);
  const x = (t) => all.left + BEYOND + (unit * (t - edges[0])) / bin;
  const { ticks, digits } = niceTicks(edges[0], edges.at(-1), 4);
  const xTicks = ticks.map((t) => [x(t), fixed(t, digits)]);
  const xLabel = `gradient in ${SYMBOL[state.parameter]} from one draw`;
  const upper = { ...all, bottom: middle - 8 },
    lower = { ...all, top: middle + 18 };
  const show = { x, unit, colours, n: state.n };
  axes(ctx, upper, { ...show, xLabel: "", yLabel: "share", xTicks: [], yTicks: [] });
  axes(ctx, lower, { ...show, xLabel, yLabel: "share", xTicks, yTicks: [] });
  const score = { name: "score function", counts: pic.score_counts, fill: ROLE.samples };
  const path = { name: "pathwise", counts: pic.path_counts, fill: ROLE.q };
  strip(ctx, upper, { ...show, ...score, mean: pic.score_mean, error: pic.score_error });
  strip(ctx, lower, { ...show, ...path, mean: pic.path_mean, error: pic.path_error });
  for (const { top, bottom } of [upper, lower]) {
    line(
      ctx,
      [
        [x(pic.exact), top],
        [x(pic.exact), bottom],
      ],
      { stroke: ROLE.p, width: 2 },
    );
  }
}

function strip(ctx, box, { name, counts, fill, mean, error, n, x, unit, colours }) {
  const rise = (box.bottom - box.top - 13) / Math.max(...counts),
    last = counts.length - 1;
  const sd = error.at(-1) * Math.sqrt(n),
    at = mean.at(-1),
    y = box.top + 5,
    stroke = colours.ink;
  ctx.fillStyle = fill;
  counts.slice(1, -1).forEach((count, i) => {
    const up = count && Math.max(1, count * rise);
    ctx.fillRect(box.left + BEYOND + unit * i, box.bottom - up, Math.max(1, unit - 0.5), up);
  });
  const beyond = [
    [0, box.left, "left"],
    [last, box.right - WIDE, "right"],
  ];
  for (const [i, left, textAlign] of beyond.filter(([index]) => counts[index])) {
    const top = box.bottom - Math.max(9, counts[i] * rise),
      right = left + WIDE;
    hatch(ctx, { left, top, right, bottom: box.bottom }, colours.ink);
    const look = { strokeStyle: colours.ink, fillStyle: colours.ink, lineWidth: 1, textAlign };
    Object.assign(ctx, look);
    ctx.strokeRect(left, top, right - left, box.bottom - top);
    ctx.fillText(fixed(counts[i], 0), i ? box.right : box.left + 2, top - 4);
  }
  ctx.save();
  clip(ctx, { ...box, top: box.top - 2 });
  const [left, right] = [at - sd, at + sd].map(x);
  line(
    ctx,
    [
      [left, y],
      [right, y],
    ],
    { stroke, width: 1.5 },
  );
  for (const end of [left, right])
    line(
      ctx,
      [
        [end, y - 4],
        [end, y + 4],
      ],
      { stroke, width: 1.5 },
    );
  ctx.restore();
  Object.assign(ctx, { fillStyle: colours.ink, textAlign: "left", textBaseline: "alphabetic" });
  ctx.fillText(`${name}, sd ${shown(sd)}`, box.left, box.top - 5);
  Object.assign(ctx, { fillStyle: colours.faint, textAlign: "right" });
  const most = Math.max(...counts);
  ctx.fillText(`${Math.round((100 * most) / n)} %`, box.left - 4, box.bottom - most * rise + 4);
}

// --- running averages ---

export function runningScale({ draws, exact, score_mean, path_mean }, width, height) {
  const box = { left: 58, top: 16, right: width - 24, bottom: height - 40 };
  const late = (_, i) => draws[i] >= FIRST_SHOWN;
  const seen = [exact, ...score_mean.filter(late), ...path_mean.filter(late)];
  const [low, high] = [Math.min(...seen), Math.max(...seen)];
  const room = Math.max(0.02, 0.15 * (high - low));
  const decade = (box.right - box.left) / Math.log10(MAX_N);
  return {
    box,
    low: low - room,
    high: high + room,
    x: (n) => box.left + decade * Math.log10(n),
    y: (v) => box.bottom - ((box.bottom - box.top) * (v - low + room)) / (high - low + 2 * room),
    n: (x) => toN((x - box.left) / decade),
  };
}

export function drawRunning(canvas, pic, colours) {
  const { ctx, width, height } = begin(canvas);
  const to = runningScale(pic, width, height),
    { box } = to;
  const { ticks, digits } = niceTicks(to.low, to.high);
  const xs = pic.draws.map(to.x),
    handle = xs.at(-1),
    exact = to.y(pic.exact);
  axes(ctx, box, {
    colours,
    xLabel: "number of draws n (drag)",
    yLabel: `d/d${SYMBOL[pic.state.parameter]} E f(z)`,
    xTicks: [1, 10, 100, 1000, 10000].map((n) => [to.x(n), fixed(n, 0)]),
    yTicks: ticks.map((v) => [to.y(v), fixed(v, digits)]),
  });
  ctx.save();
  clip(ctx, box);
  band(ctx, xs, [pic.score_mean, pic.score_error, to.y], ROLE.samples);
  band(ctx, xs, [pic.path_mean, pic.path_error, to.y], ROLE.q);
  line(
    ctx,
    [
      [box.left, exact],
      [box.right, exact],
    ],
    { stroke: ROLE.p, width: 2.5 },
  );
  const curve = (mean, look) =>
    line(
      ctx,
      xs.map((x, i) => [x, to.y(mean[i])]),
      look,
    );
  curve(pic.score_mean, { stroke: ROLE.samples, width: 2.5, dash: [2, 3] });
  curve(pic.path_mean, { stroke: ROLE.q, width: 2.5, dash: [8, 3] });
  ctx.restore();
  line(
    ctx,
    [
      [handle, box.top],
      [handle, box.bottom],
    ],
    { stroke: colours.ink },
  );
  ctx.fillStyle = colours.ink;
  ctx.beginPath();
  for (const [dx, y] of [
    [-6, 4],
    [6, 4],
    [0, 14],
  ])
    ctx.lineTo(handle + dx, y);
  ctx.fill();
}

function band(ctx, xs, [mean, error, y], colour) {
  ctx.fillStyle = colour + "44";
  ctx.beginPath();
  xs.forEach((x, i) => ctx.lineTo(x, y(mean[i] + error[i])));
  for (let i = xs.length - 1; i >= 0; i--) ctx.lineTo(xs[i], y(mean[i] - error[i]));
  ctx.fill();
}
