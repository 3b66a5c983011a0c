// The pad with its codes, the decoded pictures, the strip from one code to another.
import { ROLE, axes, begin, clamp, clip, greys, line, niceTicks } from "./canvas.js";

// Petroff (2021), "Accessible color sequences for data visualization", each with its own shape;
// the palest belongs to the fullest shape. A rim in the theme's grey sets pale ones off.
const INKS = [
  "#3f90da",
  "#ffa90e",
  "#bd1f01",
  "#94a4a2",
  "#92dadd",
  "#a96b59",
  "#e76300",
  "#b9ac70",
  "#717581",
  "#832db6",
];
const KEY_HEIGHT = 22,
  LANES = 10;
const star = (count, inner) =>
  Array.from({ length: 2 * count }, (_, i) => {
    const angle = Math.PI * (i / count - 0.5),
      r = i % 2 ? inner : 1.3;
    return [r * Math.cos(angle), r * Math.sin(angle)];
  });
const cross = (turn) =>
  star(4, 0.38).map(([x, y]) => [
    x * Math.cos(turn) - y * Math.sin(turn),
    x * Math.sin(turn) + y * Math.cos(turn),
  ]);
// As in an SVG: "x,y x,y x,y".
const corners = (points) => points.split(" ").map((point) => point.split(",").map(Number));
const SHAPES = [
  null,
  corners("-0.9,-0.9 0.9,-0.9 0.9,0.9 -0.9,0.9"),
  corners("0,-1.2 1.1,0.85 -1.1,0.85"),
  corners("0,1.2 1.1,-0.85 -1.1,-0.85"),
  corners("0,-1.3 1.3,0 0,1.3 -1.3,0"),
  cross(0),
  cross(Math.PI / 4),
  star(5, 0.55),
  corners("-0.5,-1.3 0.5,-1.3 0.5,1.3 -0.5,1.3"),
  corners("-1.3,-0.5 1.3,-0.5 1.3,0.5 -1.3,0.5"),
];
const kindOf = (label) => ((label % 10) + 10) % 10;

function mark(ctx, label, { x, y, reach, edge }) {
  const shape = SHAPES[kindOf(label)];
  Object.assign(ctx, { fillStyle: INKS[kindOf(label)], strokeStyle: edge, lineWidth: 1.6 });
  ctx.beginPath();
  if (shape) for (const [dx, dy] of shape) ctx.lineTo(x + reach * dx, y + reach * dy);
  else ctx.arc(x, y, reach, 0, 7);
  ctx.closePath();
  ctx.stroke(); // the half outside is to be seen
  ctx.fill();
}

// --- the pad: of one latent a line, its codes on lanes by their label ---

const laneOf = (label) => (kindOf(label) + 0.5) / LANES;

export function padScale(recipe, axes, width, height) {
  const box = { left: 46, top: 8, right: width - 8, bottom: height - 40 - KEY_HEIGHT };
  const side = Math.min(box.right - box.left, box.bottom - box.top),
    flat = axes.length === 1;
  if (!flat) Object.assign(box, { right: box.left + side, bottom: box.top + side });
  const per = (box.right - box.left) / (2 * recipe.span),
    middle = (box.top + box.bottom) / 2;
  const x = (v) => box.left + per * (v + recipe.span),
    y = (v) => middle - per * v;
  return {
    box,
    per,
    flat,
    axes,
    at: (z) => [x(z[axes[0]]), flat ? middle : y(z[axes[1]])],
    code: (z, label) => [
      x(z[axes[0]]),
      flat ? box.top + laneOf(label) * (box.bottom - box.top) : y(z[axes[1]]),
    ],
    // What the axes shown are at a place.
    values: (px, py) =>
      [(px - box.left) / per - recipe.span, (middle - py) / per].slice(0, axes.length),
  };
}

const signedTick = (v, digits) => v.toFixed(digits).replace("-", "−");

// What stays while z moves: axes, the prior, the codes, the key to their labels.
// A `prior` { mu, sd } other than N(0, I) is an ellipse.
export function drawCodes(canvas, { recipe, codes, shown, prior }, colours) {
  const { ctx, width, height } = begin(canvas);
  const to = padScale(recipe, shown, width, height);
  const { box } = to;
  axes(ctx, box, { colours, ...padAxes(recipe, codes, to) });
  ctx.save();
  clip(ctx, box);
  const { z } = recipe.start;
  drawPrior(ctx, to, prior ?? { mu: z.map(() => 0), sd: z.map(() => 1) });
  const reach = codes.mu.length > 500 ? 3 : 3.8;
  codes.mu.forEach((mu, i) => {
    const [x, y] = to.code(mu, codes.labels[i]);
    mark(ctx, codes.labels[i], { x, y, reach, edge: colours.faint });
  });
  ctx.restore();
  drawKey(ctx, { codes, top: height - 12, left: box.left, right: box.right }, colours);
}

function padAxes({ span }, codes, to) {
  const [across, upwards] = to.axes;
  const { ticks, digits } = niceTicks(-span, span, 7);
  const tick = (pixel) => ticks.map((v) => [pixel(v), signedTick(v, digits)]);
  return {
    grid: false,
    xLabel: `z[${across}]`,
    yLabel: to.flat ? (codes.mu.length ? "label" : "") : `z[${upwards}]`,
    xTicks: tick((v) => to.at({ [across]: v, [upwards]: 0 })[0]),
    yTicks: to.flat ? [] : tick((v) => to.at({ [across]: 0, [upwards]: v })[1]),
  };
}

function drawPrior(ctx, to, prior) {
  const [x, y] = to.at(prior.mu),
    [rx, ry] = to.axes.map((axis) => to.per * prior.sd[axis]);
  Object.assign(ctx, { strokeStyle: ROLE.p, lineWidth: 1.4 });
  for (const deviations of [1, 2]) {
    ctx.beginPath();
    if (!to.flat) ctx.ellipse(x, y, deviations * rx, deviations * ry, 0, 0, 7);
    else
      for (const side of [-rx, rx]) {
        ctx.moveTo(x + deviations * side, to.box.top);
        ctx.lineTo(x + deviations * side, to.box.bottom);
      }
    ctx.stroke();
  }
}

function drawKey(ctx, { codes, top, left, right }, colours) {
  const labels = [...new Set(codes.labels)].sort((a, b) => a - b).slice(0, LANES);
  const isTight = right - left < 26 * labels.length; // two rows, then
  const count = isTight ? Math.ceil(labels.length / 2) : labels.length;
  const step = Math.min(44, (right - left) / Math.max(1, count));
  Object.assign(ctx, { textAlign: "left", textBaseline: "middle" });
  labels.forEach((label, i) => {
    const x = left + (i % count) * step,
      y = top + (isTight ? (i < count ? -8 : 6) : 0);
    mark(ctx, label, { x: x + 6, y, reach: 5, edge: colours.faint });
    ctx.fillStyle = colours.ink;
    ctx.fillText(label, x + 15, y + 0.5);
  });
}

// What moves: the ellipse of q, the way between two codes, the place z, and
// what is under the hand: a place `hover`, a code `near` that a click would choose.
export function drawMoving(canvas, { recipe, codes, state, z, hand }, colours) {
  const { ctx, width, height } = begin(canvas),
    to = padScale(recipe, state.axes, width, height);
  const codeAt = (i) => to.code(codes.mu[i], codes.labels[i]);
  ctx.save();
  clip(ctx, to.box);
  const ends = [state.chosen, state.mode === "interpolate" ? state.other : null].filter(
    (i) => i !== null,
  );
  if (ends.length === 2) line(ctx, ends.map(codeAt), { stroke: colours.ink, width: 2 });
  for (const i of hand.near === null ? ends : [...ends, hand.near]) {
    ring(ctx, codeAt(i), { radius: 9, colours });
  }
  if (state.chosen !== null && codes.logVar.length) drawSpread(ctx, to, { codes, state });
  ctx.restore();
  const { box } = to,
    inside = ([x, y]) => [clamp(x, box.left, box.right), clamp(y, box.top, box.bottom)];
  target(ctx, inside(to.at(z)), { to, colours });
  if (hand.hover) ring(ctx, inside(to.at(hand.hover)), { radius: 4, colours });
  ends.forEach((i, n) => letter(ctx, inside(codeAt(i)), { text: "AB"[n], state, colours }));
}

// q(z | x) of the chosen code: one and two standard deviations on the axes shown.
function drawSpread(ctx, to, { codes, state: { chosen, axes } }) {
  const [x, y] = to.code(codes.mu[chosen], codes.labels[chosen]);
  const [rx, ry = 5] = axes.map((axis) => to.per * Math.exp(codes.logVar[chosen][axis] / 2));
  Object.assign(ctx, { strokeStyle: ROLE.q, fillStyle: ROLE.q + "33", lineWidth: 2 });
  ctx.setLineDash([6, 3]);
  for (const deviations of [2, 1]) {
    ctx.beginPath();
    ctx.ellipse(x, y, deviations * rx, to.flat ? ry : deviations * ry, 0, 0, 7);
    ctx.fill();
    ctx.stroke();
  }
  ctx.setLineDash([]);
}

// A stroke of ink with a rim of paper.
export const rimmed = ({ paper, ink }, width = 2) => [
  { stroke: paper, width: 4.5 },
  { stroke: ink, width },
];

function ring(ctx, [x, y], { radius, colours }) {
  ctx.beginPath();
  ctx.arc(x, y, radius, 0, 7);
  for (const { stroke, width } of rimmed(colours)) {
    Object.assign(ctx, { strokeStyle: stroke, lineWidth: width });
    ctx.stroke();
  }
}

function target(ctx, [x, y], { to: { box, flat }, colours }) {
  const arm = (dx, dy) => [9, 17].map((far) => [x + far * dx, y + far * dy]);
  const upright = [box.top, box.bottom].map((end) => [x, end]);
  const strokes = flat ? [upright] : [arm(1, 0), arm(-1, 0), arm(0, 1), arm(0, -1)];
  for (const look of rimmed(colours)) for (const ends of strokes) line(ctx, ends, look);
}

function letter(ctx, [x, y], { text, state, colours }) {
  if (state.mode !== "interpolate") return;
  Object.assign(ctx, {
    lineWidth: 4,
    strokeStyle: colours.paper,
    fillStyle: colours.ink,
    textAlign: "center",
    textBaseline: "middle",
  });
  ctx.save();
  ctx.font = `bold 14px ${ctx.font.split("px ")[1]}`;
  ctx.strokeText(text, x, y - 18);
  ctx.fillText(text, x, y - 18);
  ctx.restore();
}

// --- decoded pictures: one canvas pixel each, made larger by the page ---

const painted = new WeakMap(); // what a canvas shows already

export function paintPicture(canvas, pixels, [height, width]) {
  const grey = greys(),
    last = painted.get(canvas);
  if (last?.pixels === pixels && last.grey === grey) return;
  painted.set(canvas, { pixels, grey });
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const ctx = canvas.getContext("2d"),
    data = ctx.createImageData(width, height);
  const rgba = new Uint32Array(data.data.buffer),
    { paper, ink } = grey;
  for (let i = 0; i < rgba.length; i++) {
    const level = Math.round(paper + (ink - paper) * pixels[i]);
    rgba[i] = 0xff000000 | (level << 16) | (level << 8) | level;
  }
  ctx.putImageData(data, 0, 0);
}
