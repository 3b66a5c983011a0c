// The three pictures of the Monte Carlo explorer, each drawn on its canvas from a computed picture.
import { ROLE, axes, begin, clamp, clip, hatch, line, niceTicks } from "../_shared/canvas.js";
import { MAX_DIMENSION, MAX_N, TRUST, grouped } from "./math.js";
import { logSecondMoment, percent, signed } from "./math.js";

export const LOW_SIGMA = 0.05;
const FIRST_SHOWN = 10;
export const round = (value, digits) => Number(value.toPrecision(digits));
// sigma and n move on a log scale, in steps that read well.
export const toSigma = (log10) => clamp(round(10 ** log10, 3), LOW_SIGMA, 1);
export const toN = (log10) => clamp(round(10 ** log10, 2), 10, MAX_N);

// --- pad: dimension to the right, sigma upwards, colour is log10 of the draws needed ---

const VIRIDIS = [
  [253, 231, 37],
  [94, 201, 98],
  [33, 145, 140],
  [59, 82, 139],
  [68, 1, 84],
];
const PAD_TOP_LOG10 = 30,
  PAD_LINES = [3, 6, 10, 20];
const HEAT = Array.from({ length: PAD_TOP_LOG10 + 1 }, (_, g) => {
  const at = (4 * g) / PAD_TOP_LOG10,
    k = Math.min(3, Math.floor(at));
  const mixed = VIRIDIS[k].map((a, c) => Math.round(a + (at - k) * (VIRIDIS[k + 1][c] - a)));
  return `rgb(${mixed.join()})`;
});

export function padScale(width, height) {
  const box = { left: 42, top: 8, right: width - 8, bottom: height - 40 };
  const across = (box.right - box.left) / MAX_DIMENSION,
    up = box.bottom - box.top;
  return {
    box,
    up,
    x: (dimension) => box.left + (dimension - 0.5) * across,
    y: (sigma) => box.top + (up * Math.log10(sigma)) / Math.log10(LOW_SIGMA),
    dimension: (x) => clamp(Math.round((x - box.left) / across + 0.5), 1, MAX_DIMENSION),
    sigma: (y) => toSigma(clamp((y - box.top) / up, 0, 1) * Math.log10(LOW_SIGMA)),
  };
}

// The dimension at which 10^g draws are just enough: 1 + relvar = exp(L kappa), solved for L.
const dimensionFor = (g, kappa) => Math.log1p(10 ** (g - 2)) / kappa;

export function drawPad(canvas, state, colours) {
  const { ctx, width, height } = begin(canvas),
    to = padScale(width, height),
    { box } = to;
  const rows = [];
  for (let y = box.top; y < box.bottom; y += 3) {
    const sigma = LOW_SIGMA ** ((y + 1.5 - box.top) / to.up);
    rows.push([y, logSecondMoment({ ...state, sigma })]);
  }
  const edge = (g, kappa) => clamp(to.x(dimensionFor(g, kappa)), -width, 2 * width);
  ctx.save();
  clip(ctx, box);
  for (const [y, kappa] of rows) {
    for (let g = 1, x = box.left; g <= PAD_TOP_LOG10 && x < box.right; g++) {
      const next = g === PAD_TOP_LOG10 ? box.right : Math.max(x, edge(g, kappa));
      ctx.fillStyle = HEAT[g];
      ctx.fillRect(x, y, next - x + 0.5, 3);
      x = next;
    }
  }
  const isoline = (g, look) => {
    const points = rows.map(([y, kappa]) => [edge(g, kappa), y + 1.5]);
    line(ctx, points, look);
    const inside = points.filter(([x]) => x > box.left + 16 && x < box.right - 16);
    return inside[Math.floor(0.6 * inside.length)];
  };
  Object.assign(ctx, { textAlign: "center", textBaseline: "middle" });
  for (const g of PAD_LINES) {
    const at = isoline(g, { stroke: "rgba(255,255,255,.75)" });
    if (at) outlined(ctx, `10^${g}`, ...at);
  }
  isoline(Math.log10(state.n), { stroke: "#fff", width: 4 });
  isoline(Math.log10(state.n), { stroke: ROLE.q, width: 2.5, dash: [6, 3] });
  ctx.restore();
  axes(ctx, box, {
    colours,
    grid: false,
    xLabel: "dimension L",
    yLabel: "noise σ",
    xTicks: [1, 5, 10, 15, 20].map((v) => [to.x(v), v]),
    yTicks: [0.05, 0.1, 0.2, 0.5, 1].map((v) => [to.y(v), v]),
  });
  ctx.beginPath();
  ctx.arc(to.x(state.dimension), to.y(state.sigma), 7, 0, 7);
  Object.assign(ctx, { fillStyle: "#fff", strokeStyle: "#000", lineWidth: 2.5 });
  ctx.fill();
  ctx.stroke();
}

function outlined(ctx, text, x, y) {
  Object.assign(ctx, { strokeStyle: "rgba(0,0,0,.7)", lineWidth: 3, fillStyle: "#fff" });
  ctx.strokeText(text, x, y);
  ctx.fillText(text, x, y);
}

// --- weights ---

export function drawWeights(canvas, { shares, others }, colours) {
  const { ctx, width, height } = begin(canvas);
  const box = { left: 42, top: 16, right: width - 8, bottom: height - 40 };
  const step = (box.right - box.left - 52) / shares.length;
  const y = (v) => box.bottom - v * (box.bottom - box.top);
  const rest = box.right - 36,
    end = box.left + 4 + step * shares.length;
  axes(ctx, box, {
    colours,
    xLabel: "draws, largest weight first",
    yLabel: "share of total weight",
    xTicks: [
      [box.left + 4 + step / 2, 1],
      [end - step / 2, shares.length],
      [rest + 16, "rest"],
    ],
    yTicks: [0, 0.5, 1].map((v) => [y(v), v]),
  });
  ctx.fillStyle = ROLE.samples;
  shares.forEach((share, i) =>
    ctx.fillRect(box.left + 4 + i * step, y(share), Math.max(1, step - 1), box.bottom - y(share)),
  );
  hatch(ctx, { left: rest, top: y(others), right: rest + 32, bottom: box.bottom }, colours.faint);
  Object.assign(ctx, { strokeStyle: colours.faint, fillStyle: colours.ink, textAlign: "left" });
  ctx.strokeRect(rest, y(others), 32, box.bottom - y(others));
  ctx.fillText(percent(shares[0]), box.left + 4, y(shares[0]) - 4);
  ctx.textAlign = "center";
  ctx.fillText(percent(others), rest + 16, y(others) - 4);
}

// --- running estimate ---

export function runningScale({ draws, estimate, exact }, width, height) {
  const box = { left: 58, top: 16, right: width - 24, bottom: height - 40 };
  const seen = [exact, ...estimate.filter((_, i) => draws[i] >= FIRST_SHOWN)];
  const [low, high] = [Math.min(...seen), Math.max(...seen)];
  const room = Math.max(0.25, 0.08 * (high - low));
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
    handle = xs.at(-1);
  axes(ctx, box, {
    colours,
    xLabel: "number of draws n (drag)",
    yLabel: "log p(x) [nats]",
    xTicks: [1, 10, 100, 1000, 10000, 100000].map((n) => [to.x(n), grouped(n)]),
    yTicks: ticks.map((v) => [to.y(v), signed(v, digits)]),
  });
  ctx.save();
  clip(ctx, box);
  for (let i = 1, left = xs[0]; i < xs.length; i++) {
    const isVoid = pic.ess[i] < TRUST,
      goesOn = i + 1 < xs.length && pic.ess[i + 1] < TRUST;
    if (!isVoid) band(ctx, pic, i, { left: xs[i - 1], right: xs[i], y: to.y });
    if (isVoid && goesOn) continue; // neighbouring void stretches are hatched at once
    if (isVoid) hatch(ctx, { ...box, left, right: xs[i] }, colours.line);
    left = xs[i];
  }
  const exact = to.y(pic.exact),
    estimate = xs.map((x, i) => [x, to.y(pic.estimate[i])]);
  line(
    ctx,
    [
      [box.left, exact],
      [box.right, exact],
    ],
    { stroke: ROLE.p, width: 2.5 },
  );
  line(ctx, estimate, { stroke: ROLE.q, width: 2.5, dash: [7, 3] });
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

function band(ctx, { estimate, std_error }, i, { left, right, y }) {
  ctx.fillStyle = ROLE.q + "44";
  ctx.beginPath();
  ctx.moveTo(left, y(estimate[i - 1] + std_error[i - 1]));
  ctx.lineTo(right, y(estimate[i] + std_error[i]));
  ctx.lineTo(right, y(estimate[i] - std_error[i]));
  ctx.lineTo(left, y(estimate[i - 1] - std_error[i - 1]));
  ctx.fill();
}
