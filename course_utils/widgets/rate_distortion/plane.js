// The plane of rate and distortion: the Gaussian's curve, the networks, the linear optimum.
import { ROLE, area, axes, begin, clip, disc } from "../_shared/canvas.js";
import { line, niceTicks, segment } from "../_shared/canvas.js";
import { rimmed } from "../_shared/latent_pictures.js";

const BETWEEN = "#CC79A7";

function planeScale([rate, distortion], width, height) {
  const box = { left: 50, top: 10, right: width - 12, bottom: height - 40 };
  const x = (d) => box.left + ((box.right - box.left) * d) / distortion;
  const y = (r) => box.bottom - ((box.bottom - box.top) * r) / rate;
  return { box, x, y, at: ([r, d]) => [x(d), y(r)] };
}

const pairOf = ({ rate, distortion }) => [rate, distortion];

// The number of the network nearest to a place of the canvas.
export function nearestTo([x, y], { points, reach }, { clientWidth, clientHeight }) {
  const { at } = planeScale(reach, clientWidth, clientHeight);
  const away = points.map(pairOf).map((pair) => Math.hypot(at(pair)[0] - x, at(pair)[1] - y));
  return away.indexOf(Math.min(...away));
}

function ticksUpTo(most, pixel) {
  const { ticks, digits } = niceTicks(0, most);
  return ticks.map((v) => [pixel(v), v.toFixed(digits)]);
}

export function drawPlane(canvas, { points, curve, reach }, { model, image }, colours) {
  const { ctx, width, height } = begin(canvas);
  const to = planeScale(reach, width, height),
    here = points[model];
  axes(ctx, to.box, {
    colours,
    xLabel: "distortion D: expected squared error",
    yLabel: "rate R [nats]",
    xTicks: ticksUpTo(reach[1], to.x),
    yTicks: ticksUpTo(reach[0], to.y),
  });
  ctx.save();
  clip(ctx, to.box);
  line(ctx, curve.map(to.at), { stroke: ROLE.p, width: 2.5 });
  ctx.restore();
  drawNetworks(ctx, points.map(pairOf).map(to.at));
  diamond(ctx, to.at(here.linear), colours);
  const [ours, theirs] = [here.rate, here.needed].map((rate) => to.at([rate, here.distortion]));
  disc(ctx, ours, 7, ROLE.q);
  segment(ctx, ours, theirs, { stroke: BETWEEN, width: 5 });
  saltire(ctx, to.at(here.own[image]), colours);
}

function drawNetworks(ctx, places) {
  line(ctx, places, { stroke: ROLE.q, width: 2, dash: [7, 3] });
  ctx.fillStyle = ROLE.q;
  for (const [x, y] of places) {
    ctx.beginPath();
    ctx.arc(x, y, 4.5, 0, 7);
    ctx.fill();
  }
}

function diamond(ctx, [x, y], { paper }) {
  const fill = (colour, r) => area(ctx, colour, [x, y - r], [x + r, y], [x, y + r], [x - r, y]);
  fill(paper, 11);
  fill(ROLE.p, 9);
  fill("#fff", 5);
}

function saltire(ctx, [x, y], colours) {
  for (const look of rimmed(colours, 2.5)) {
    for (const side of [-5, 5]) segment(ctx, [x - 5, y - side], [x + 5, y + side], look);
  }
}
