// The three pictures of the Monte Carlo explorer, each drawn on its canvas from a computed picture.
import { ROLE, axes, begin, clamp, clip, disc, hatch, line, segment } from "../_shared/canvas.js";
import { band, beginRunning, curve, endRunning, roundN } from "../_shared/running.js";
import { MAX_DIMENSION, MAX_N, TRUST, grouped } from "./math.js";
import { logSecondMoment, percent, signed } from "./math.js";

export const LOW_SIGMA = 0.05;
export const round = (value, digits) => Number(value.toPrecision(digits));
// sigma and n move on a log scale, in steps that read well.
export const toSigma = (log10) => clamp(round(10 ** log10, 3), LOW_SIGMA, 1);
export const toN = (log10) => roundN(log10, MAX_N);

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
    to = padScale(width, height);
  const rows = [];
  for (let y = to.box.top; y < to.box.bottom; y += 3) {
    const sigma = LOW_SIGMA ** ((y + 1.5 - to.box.top) / to.up);
    rows.push([y, logSecondMoment({ ...state, sigma })]);
  }
  const edge = (g, kappa) => clamp(to.x(dimensionFor(g, kappa)), -width, 2 * width);
  ctx.save();
  clip(ctx, to.box);
  drawHeat(ctx, to.box, rows, edge);
  drawIsolines(ctx, to.box, rows, { edge, log10N: Math.log10(state.n) });
  ctx.restore();
  axes(ctx, to.box, {
    colours,
    grid: false,
    xLabel: "dimension L",
    yLabel: "noise σ",
    xTicks: [1, 5, 10, 15, 20].map((v) => [to.x(v), v]),
    yTicks: [0.05, 0.1, 0.2, 0.5, 1].map((v) => [to.y(v), v]),
  });
  disc(ctx, [to.x(state.dimension), to.y(state.sigma)], 7, "#000");
}

function drawHeat(ctx, { left, right }, rows, edge) {
  for (const [y, kappa] of rows) {
    for (let g = 1, x = left; g <= PAD_TOP_LOG10 && x < right; g++) {
      const next = g === PAD_TOP_LOG10 ? right : Math.max(x, edge(g, kappa));
      ctx.fillStyle = HEAT[g];
      ctx.fillRect(x, y, next - x + 0.5, 3);
      x = next;
    }
  }
}

function drawIsolines(ctx, { left, right }, rows, { edge, log10N }) {
  const isoline = (g) => rows.map(([y, kappa]) => [edge(g, kappa), y + 1.5]);
  Object.assign(ctx, { textAlign: "center", textBaseline: "middle" });
  for (const g of PAD_LINES) {
    line(ctx, isoline(g), { stroke: "rgba(255,255,255,.75)" });
    const inside = isoline(g).filter(([x]) => x > left + 16 && x < right - 16);
    const at = inside[Math.floor(0.6 * inside.length)];
    if (at) outlined(ctx, `10^${g}`, ...at);
  }
  line(ctx, isoline(log10N), { stroke: "#fff", width: 4 });
  line(ctx, isoline(log10N), { stroke: ROLE.q, width: 2.5, dash: [6, 3] });
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
  const step = (box.right - box.left - 52) / shares.length,
    first = box.left + 4;
  const y = (v) => box.bottom - v * (box.bottom - box.top),
    rest = box.right - 36;
  const places = [first + step / 2, first + step * (shares.length - 0.5), rest + 16];
  const labels = [1, shares.length, "rest"];
  axes(ctx, box, {
    colours,
    xLabel: "draws, largest weight first",
    yLabel: "share of total weight",
    xTicks: labels.map((label, i) => [places[i], label]),
    yTicks: [0, 0.5, 1].map((v) => [y(v), v]),
  });
  ctx.fillStyle = ROLE.samples;
  shares.forEach((share, i) =>
    ctx.fillRect(first + i * step, y(share), Math.max(1, step - 1), box.bottom - y(share)),
  );
  drawRest(ctx, { left: rest, top: y(others), right: rest + 32, bottom: box.bottom }, colours);
  ctx.fillText(percent(shares[0]), first, y(shares[0]) - 4);
  ctx.textAlign = "center";
  ctx.fillText(percent(others), rest + 16, y(others) - 4);
}

function drawRest(ctx, edges, { faint, ink }) {
  const { left, top, right, bottom } = edges;
  hatch(ctx, edges, faint);
  Object.assign(ctx, { strokeStyle: faint, fillStyle: ink, textAlign: "left" });
  ctx.strokeRect(left, top, right - left, bottom - top);
}

// --- running estimate ---

export function drawRunning(canvas, pic, colours) {
  const frame = beginRunning(canvas, pic, [pic.estimate], {
    colours,
    most: MAX_N,
    room: (span) => Math.max(0.25, 0.08 * span),
    yLabel: "log p(x) [nats]",
    xTick: grouped,
    yTick: signed,
  });
  const { ctx, box, xs, y } = frame,
    exact = y(pic.exact);
  drawErrors(frame, pic, colours.faint);
  segment(ctx, [box.left, exact], [box.right, exact], { stroke: ROLE.p, width: 2.5 });
  line(ctx, curve(xs, pic.estimate, y), { stroke: ROLE.q, width: 2.5, dash: [7, 3] });
  endRunning(frame, colours.ink);
}

// A band where the error bar holds; neighbouring void stretches are hatched at once.
function drawErrors({ ctx, box, xs, y }, { estimate, std_error, ess }, stroke) {
  const isVoid = (i) => ess[i] < TRUST;
  for (let i = 1, left = xs[0]; i < xs.length; i++) {
    const pair = (values) => values.slice(i - 1, i + 1);
    if (!isVoid(i)) band(ctx, pair(xs), [pair(estimate), pair(std_error)], y, ROLE.q);
    if (isVoid(i) && isVoid(i + 1)) continue;
    if (isVoid(i)) hatch(ctx, { ...box, left, right: xs[i] }, stroke);
    left = xs[i];
  }
}
