// The three pictures of the ELBO explorer, each drawn on its canvas from a computed picture.
import { ROLE, axes, begin, clamp, clip, hatch, line, niceTicks } from "../_shared/canvas.js";
import { MAX_A, signed } from "./math.js";

const GAP = "#CC79A7";
const MAX_Z = 4,
  DENSITY_TOP = { linear: 1.6, "two roots": 3.5 };
const NATS = { low: -10, high: 0.6 },
  CURVES = { low: -9, high: -1 };
// All that moves by hand moves in hundredths, so that the read-out shows the very state.
const hundredths = (value, low, high) => clamp(Math.round(100 * value) / 100, low, high);
export const toMu = (value) => hundredths(value, -MAX_Z, MAX_Z);
export const toLogVar = (value) => hundredths(value, -6, 2);
export const toA = (value) => hundredths(value, -MAX_A, MAX_A);

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
    { state, z, prior, posterior, q } = pic;
  const to = zScale(state.model, width, height),
    { box } = to;
  const { ticks, digits } = niceTicks(0, to.top, 4);
  axes(ctx, box, {
    colours,
    xLabel: "latent z",
    yLabel: "density",
    xTicks: [-4, -3, -2, -1, 0, 1, 2, 3, 4].map((v) => [to.x(v), signed(v, 0)]),
    yTicks: ticks.map((v) => [to.y(v), signed(v, digits)]),
  });
  const curve = (values, look) =>
    line(
      ctx,
      z.map((v, i) => [to.x(v), to.y(values[i])]),
      look,
    );
  ctx.save();
  clip(ctx, box);
  curve(prior, { stroke: ROLE.p, width: 1 });
  ctx.beginPath();
  ctx.moveTo(box.left, box.bottom);
  z.forEach((v, i) => ctx.lineTo(to.x(v), to.y(posterior[i])));
  ctx.lineTo(box.right, box.bottom);
  ctx.fillStyle = ROLE.p + "33";
  ctx.fill();
  curve(posterior, { stroke: ROLE.p, width: 2.5 });
  curve(q, { stroke: ROLE.q, width: 2.5, dash: [7, 3] });
  ctx.restore();
  const peak = to.y(Math.exp(-0.5 * (Math.log(2 * Math.PI) + state.log_var)));
  handle(ctx, to.x(state.mu), Math.max(box.top, peak), peak < box.top);
}

// Where q can be taken hold of; an arrow where its top lies above the picture.
function handle(ctx, x, y, above) {
  Object.assign(ctx, { fillStyle: "#fff", strokeStyle: ROLE.q, lineWidth: 2.5 });
  ctx.beginPath();
  if (above)
    for (const [dx, dy] of [
      [-7, 8],
      [7, 8],
      [0, -4],
    ])
      ctx.lineTo(x + dx, y + dy);
  else ctx.arc(x, y, 6, 0, 7);
  ctx.closePath();
  ctx.fill();
  ctx.stroke();
}

// --- the two sums on one axis of nats: each row hangs between two levels ---

const ROWS = [
  { name: "log p(x)", key: "log_px", colour: ROLE.p, from: () => 0, to: (p) => p.log_px },
  { name: "gap", key: "gap", colour: GAP, hatched: true, from: (p) => p.elbo, to: (p) => p.log_px },
  { name: "ELBO", key: "elbo", colour: ROLE.q, from: () => 0, to: (p) => p.elbo },
  { name: "KL", key: "kl", colour: ROLE.q, hatched: true, from: (p) => p.elbo, to: (p) => p.rec },
  { name: "rec", key: "rec", colour: ROLE.q, from: () => 0, to: (p) => p.rec },
];

export function drawSums(canvas, pic, colours) {
  const { ctx, width, height } = begin(canvas);
  const box = { left: 112, top: 6, right: width - 10, bottom: height - 40 };
  const across = (box.right - box.left) / (NATS.high - NATS.low);
  const x = (v) => clamp(box.left + across * (v - NATS.low), box.left, box.right);
  const step = (box.bottom - box.top) / ROWS.length,
    row = (i) => box.top + step * i;
  axes(ctx, box, {
    colours,
    grid: false,
    xLabel: "nats",
    yLabel: "",
    yTicks: [],
    xTicks: [-10, -8, -6, -4, -2, 0].map((v) => [x(v), signed(v, 0)]),
  });
  const level = (v, first, last, look) => {
    if (v >= NATS.low)
      line(
        ctx,
        [
          [x(v), row(first)],
          [x(v), row(last)],
        ],
        look,
      );
  };
  level(0, 0, ROWS.length, { stroke: colours.faint });
  ROWS.forEach((look, i) => {
    const ends = [look.from(pic), look.to(pic)].sort((a, b) => a - b);
    const [left, right] = ends.map(x);
    bar(ctx, { left, right, top: row(i) + 5, bottom: row(i + 1) - 5 }, look);
    if (ends[0] < NATS.low) beyond(ctx, box.left, row(i) + step / 2, colours.ink);
    Object.assign(ctx, { fillStyle: colours.ink, textBaseline: "middle", textAlign: "left" });
    ctx.fillText(look.name, 4, row(i) + step / 2);
    ctx.textAlign = "right";
    ctx.fillText(signed(pic[look.key]), box.left - 12, row(i) + step / 2);
  });
  level(pic.log_px, 0, 2, { stroke: ROLE.p, width: 2 });
  level(pic.elbo, 1, 4, { stroke: ROLE.q, width: 2, dash: [5, 3] });
  level(pic.rec, 3, 5, { stroke: ROLE.q, width: 2 });
}

function bar(ctx, rect, { colour, hatched }) {
  const size = [rect.left, rect.top, rect.right - rect.left, rect.bottom - rect.top];
  ctx.fillStyle = colour + (hatched ? "22" : "77");
  Object.assign(ctx, { strokeStyle: colour, lineWidth: 1 });
  ctx.fillRect(...size);
  if (hatched) hatch(ctx, rect, colour);
  ctx.strokeRect(...size);
}

function beyond(ctx, x, y, ink) {
  ctx.fillStyle = ink;
  ctx.beginPath();
  for (const [dx, dy] of [
    [9, -6],
    [9, 6],
    [1, 0],
  ])
    ctx.lineTo(x + dx, y + dy);
  ctx.fill();
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
  const { ctx, width, height } = begin(canvas),
    to = aScale(width, height),
    { box } = to;
  const { a_grid, state, best_a } = pic,
    x = to.x(state.a);
  axes(ctx, box, {
    colours,
    xLabel: "the model's a (drag)",
    yLabel: "nats",
    xTicks: [-3, -2, -1, 0, 1, 2, 3].map((v) => [to.x(v), signed(v, 0)]),
    yTicks: [-8, -6, -4, -2].map((v) => [to.y(v), signed(v, 0)]),
  });
  ctx.save();
  clip(ctx, box);
  bar(
    ctx,
    { left: x - 5, right: x + 5, top: to.y(pic.log_px), bottom: to.y(pic.elbo) },
    { colour: GAP, hatched: true },
  );
  const curve = (values) => a_grid.map((a, i) => [to.x(a), to.y(values[i])]);
  line(ctx, curve(pic.log_px_of_a), { stroke: ROLE.p, width: 2.5 });
  line(ctx, curve(pic.elbo_of_a), { stroke: ROLE.q, width: 2.5, dash: [7, 3] });
  ctx.restore();
  line(
    ctx,
    [
      [x, box.top],
      [x, box.bottom],
    ],
    { stroke: colours.ink },
  );
  ctx.fillStyle = colours.ink;
  ctx.beginPath();
  for (const [dx, dy] of [
    [-6, 0],
    [6, 0],
    [0, -10],
  ])
    ctx.lineTo(x + dx, box.bottom + dy);
  ctx.fill();
  markBest(ctx, to.x(best_a), to.y(pic.best_elbo), { box, ink: colours.ink });
}

function markBest(ctx, x, y, { box, ink }) {
  if (y > box.bottom) return;
  handle(ctx, x, y, false);
  Object.assign(ctx, { fillStyle: ink, textAlign: "left", textBaseline: "bottom" });
  ctx.fillText("M", x + 8, Math.max(box.top + 12, y - 4));
}
