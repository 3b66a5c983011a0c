// The three pictures of the ELBO explorer, each drawn on its canvas from a computed picture.
import { ROLE, area, axes, begin, clamp, clip, disc, hatch } from "../_shared/canvas.js";
import { line, niceTicks, pointer, segment } from "../_shared/canvas.js";
import { MAX_A, normal, signed } from "./math.js";

const GAP = "#CC79A7";
const MAX_Z = 4,
  DENSITY_TOP = { linear: 1.6, "two roots": 3.5 };
const NATS = { low: -10, high: 0.6 },
  CURVES = { low: -9, high: -1 };
// All that moves by hand moves in hundredths, so that the read-out shows the very state.
const hundredths = (value, low, high) => clamp(Math.round(100 * value) / 100, low, high);
export const toMu = (value) => hundredths(value, -MAX_Z, MAX_Z);
export const toLogVar = (value) => hundredths(value, -6, 2);
const toA = (value) => hundredths(value, -MAX_A, MAX_A);

// --- densities over z: the top of q follows the pointer ---

export function zScale(model, width, height) {
  const box = { left: 46, top: 12, right: width - 10, bottom: height - 40 };
  const across = (box.right - box.left) / (2 * MAX_Z),
    top = DENSITY_TOP[model];
  const up = (box.bottom - box.top) / top;
  const density = (y) => Math.max(1e-9, (box.bottom - y) / up);
  return {
    box,
    top,
    x: (z) => box.left + across * (z + MAX_Z),
    y: (d) => box.bottom - up * d,
    mu: (x) => toMu((x - box.left) / across - MAX_Z),
    // A normal of variance v is 1 / sqrt(2 pi v) high.
    logVar: (y) => toLogVar(-Math.log(2 * Math.PI) - 2 * Math.log(density(y))),
  };
}

export function drawDensities(canvas, pic, colours) {
  const { ctx, width, height } = begin(canvas),
    { mu, log_var, model } = pic.state;
  const to = zScale(model, width, height),
    { ticks, digits } = niceTicks(0, to.top, 4);
  axes(ctx, to.box, {
    colours,
    xLabel: "latent z",
    yLabel: "density",
    xTicks: [-4, -3, -2, -1, 0, 1, 2, 3, 4].map((v) => [to.x(v), signed(v, 0)]),
    yTicks: ticks.map((v) => [to.y(v), signed(v, digits)]),
  });
  drawDensityCurves(ctx, to, pic);
  const peak = to.y(normal(mu, mu, log_var));
  handle(ctx, to.x(mu), Math.max(to.box.top, peak), peak < to.box.top);
}

function drawDensityCurves(ctx, { box, x, y }, { z, prior, posterior, q }) {
  const curve = (density) => z.map((v, i) => [x(v), y(density[i])]);
  ctx.save();
  clip(ctx, box);
  line(ctx, curve(prior), { stroke: ROLE.p, width: 1 });
  area(ctx, ROLE.p + "33", [box.left, box.bottom], ...curve(posterior), [box.right, box.bottom]);
  line(ctx, curve(posterior), { stroke: ROLE.p, width: 2.5 });
  line(ctx, curve(q), { stroke: ROLE.q, width: 2.5, dash: [7, 3] });
  ctx.restore();
}

// Where q can be taken hold of; an arrow where its top lies above the picture.
function handle(ctx, x, y, above) {
  if (!above) return disc(ctx, [x, y], 6, ROLE.q);
  Object.assign(ctx, { strokeStyle: ROLE.q, lineWidth: 2.5 });
  area(ctx, "#fff", [x - 7, y + 8], [x + 7, y + 8], [x, y - 4]);
  ctx.closePath();
  ctx.stroke();
}

// --- the two sums on one axis of nats: a row hangs from 0, or hatched between two other levels ---

const ROWS = [
  { name: "log p(x)", key: "log_px", colour: ROLE.p },
  { name: "gap", key: "gap", colour: GAP, between: ["elbo", "log_px"] },
  { name: "ELBO", key: "elbo", colour: ROLE.q },
  { name: "KL", key: "kl", colour: ROLE.q, between: ["elbo", "rec"] },
  { name: "rec", key: "rec", colour: ROLE.q },
];

function sumScale(width, height) {
  const box = { left: 112, top: 6, right: width - 10, bottom: height - 40 };
  const across = (box.right - box.left) / (NATS.high - NATS.low);
  return {
    box,
    x: (v) => clamp(box.left + across * (v - NATS.low), box.left, box.right),
    row: (i) => box.top + ((box.bottom - box.top) / ROWS.length) * i, // its upper edge
  };
}

export function drawSums(canvas, pic, colours) {
  const { ctx, width, height } = begin(canvas),
    to = sumScale(width, height);
  axes(ctx, to.box, {
    colours,
    grid: false,
    xLabel: "nats",
    yLabel: "",
    yTicks: [],
    xTicks: [-10, -8, -6, -4, -2, 0].map((v) => [to.x(v), signed(v, 0)]),
  });
  const level = (v, first, last, look) => {
    if (v >= NATS.low) segment(ctx, [to.x(v), to.row(first)], [to.x(v), to.row(last)], look);
  };
  level(0, 0, ROWS.length, { stroke: colours.faint });
  ROWS.forEach((_, i) => drawRow(ctx, to, i, { pic, ink: colours.ink }));
  level(pic.log_px, 0, 2, { stroke: ROLE.p, width: 2 });
  level(pic.elbo, 1, 4, { stroke: ROLE.q, width: 2, dash: [5, 3] });
  level(pic.rec, 3, 5, { stroke: ROLE.q, width: 2 });
}

function drawRow(ctx, { box, x, row }, i, { pic, ink }) {
  const { name, key, colour, between } = ROWS[i],
    middle = row(i + 0.5);
  const ends = between ? between.map((level) => pic[level]) : [0, pic[key]];
  const [low, high] = ends.sort((a, b) => a - b);
  const edges = { left: x(low), right: x(high), top: row(i) + 5, bottom: row(i + 1) - 5 };
  bar(ctx, edges, colour, between);
  const { left } = box;
  if (low < NATS.low)
    area(ctx, ink, [left + 9, middle - 6], [left + 9, middle + 6], [left + 1, middle]);
  Object.assign(ctx, { fillStyle: ink, textBaseline: "middle", textAlign: "left" });
  ctx.fillText(name, 4, middle);
  ctx.textAlign = "right";
  ctx.fillText(signed(pic[key]), left - 12, middle);
}

function bar(ctx, edges, colour, isHatched) {
  const { left, top, right, bottom } = edges,
    size = [left, top, right - left, bottom - top];
  Object.assign(ctx, { fillStyle: colour + (isHatched ? "22" : "77"), strokeStyle: colour });
  ctx.lineWidth = 1;
  ctx.fillRect(...size);
  if (isHatched) hatch(ctx, edges, colour);
  ctx.strokeRect(...size);
}

// --- log p(x) and the ELBO of the same q, as a changes ---

export function aScale(width, height) {
  const box = { left: 46, top: 12, right: width - 10, bottom: height - 40 };
  const across = (box.right - box.left) / (2 * MAX_A);
  const up = (box.bottom - box.top) / (CURVES.high - CURVES.low);
  return {
    box,
    x: (a) => box.left + across * (a + MAX_A),
    y: (v) => box.bottom - up * (v - CURVES.low),
    a: (x) => toA((x - box.left) / across - MAX_A),
  };
}

export function drawCurves(canvas, pic, colours) {
  const { ctx, width, height } = begin(canvas);
  const to = aScale(width, height),
    { box } = to,
    x = to.x(pic.state.a);
  axes(ctx, box, {
    colours,
    xLabel: "the model's a (drag)",
    yLabel: "nats",
    xTicks: [-3, -2, -1, 0, 1, 2, 3].map((v) => [to.x(v), signed(v, 0)]),
    yTicks: [-8, -6, -4, -2].map((v) => [to.y(v), signed(v, 0)]),
  });
  ctx.save();
  clip(ctx, box);
  bar(ctx, { left: x - 5, right: x + 5, top: to.y(pic.log_px), bottom: to.y(pic.elbo) }, GAP, true);
  const curve = (values) => pic.a_grid.map((a, i) => [to.x(a), to.y(values[i])]);
  line(ctx, curve(pic.log_px_of_a), { stroke: ROLE.p, width: 2.5 });
  line(ctx, curve(pic.elbo_of_a), { stroke: ROLE.q, width: 2.5, dash: [7, 3] });
  ctx.restore();
  segment(ctx, [x, box.top], [x, box.bottom], { stroke: colours.ink });
  pointer(ctx, [x, box.bottom], -10, colours.ink);
  markBest(ctx, to.x(pic.best_a), to.y(pic.best_elbo), { box, ink: colours.ink });
}

function markBest(ctx, x, y, { box, ink }) {
  if (y > box.bottom) return;
  handle(ctx, x, y, false);
  Object.assign(ctx, { fillStyle: ink, textAlign: "left", textBaseline: "bottom" });
  ctx.fillText("M", x + 8, Math.max(box.top + 12, y - 4));
}
