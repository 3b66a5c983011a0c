// What the explorers of averages over draws have in common: how many draws each running value rests
// on, and its picture, with n to the right on a log scale up to `most`.
import { area, axes, begin, clamp, clip, line, niceTicks, pointer, segment } from "./canvas.js";

const FIRST_SHOWN = 10; // earlier values may lie far away
const LEFT = 58,
  RIGHT = 24;

// About 40 counts a decade, the same ones for every n, so that a curve only grows.
export function runningEnds(n, first) {
  const ends = [];
  for (let k = 0, end = 1; end < n; end = Math.round(10 ** (++k / 40))) {
    if (end >= first && end !== ends.at(-1)) ends.push(end);
  }
  return [...ends, n];
}

// n moves in steps that read well.
export const roundN = (log10, most) => clamp(Number((10 ** log10).toPrecision(2)), 10, most);
export const nAt = (x, { clientWidth }, most) =>
  roundN((Math.log10(most) * (x - LEFT)) / (clientWidth - LEFT - RIGHT), most);

// Axes for `curves` about an exact value, with some room; what follows is clipped until endRunning.
export function beginRunning(
  canvas,
  { draws, exact },
  curves,
  { most, room, xTick, yTick, ...look },
) {
  const { ctx, width, height } = begin(canvas);
  const box = { left: LEFT, top: 16, right: width - RIGHT, bottom: height - 40 };
  const seen = [exact, ...curves.flatMap((c) => c.filter((_, i) => draws[i] >= FIRST_SHOWN))];
  const [bottom, top] = [Math.min(...seen), Math.max(...seen)],
    edge = room(top - bottom);
  const [low, high] = [bottom - edge, top + edge];
  const x = (n) => LEFT + ((box.right - LEFT) * Math.log10(n)) / Math.log10(most);
  const y = (v) => box.bottom - ((box.bottom - box.top) * (v - low)) / (high - low);
  const { ticks, digits } = niceTicks(low, high);
  axes(ctx, box, {
    ...look,
    xLabel: "number of draws n (drag)",
    xTicks: [1, 10, 100, 1000, 1e4, 1e5].filter((n) => n <= most).map((n) => [x(n), xTick(n, 0)]),
    yTicks: ticks.map((v) => [y(v), yTick(v, digits)]),
  });
  ctx.save();
  clip(ctx, box);
  return { ctx, box, y, xs: draws.map(x) };
}

// The handle that sets n.
export function endRunning({ ctx, box, xs }, ink) {
  const x = xs.at(-1);
  ctx.restore();
  segment(ctx, [x, box.top], [x, box.bottom], { stroke: ink });
  pointer(ctx, [x, 4], 10, ink);
}

export const curve = (xs, values, y) => xs.map((x, i) => [x, y(values[i])]);

export function band(ctx, xs, [mean, error], y, colour) {
  const edge = (side) => xs.map((x, i) => [x, y(mean[i] + side * error[i])]);
  area(ctx, colour + "44", ...edge(1), ...edge(-1).reverse());
  for (const side of [1, -1]) line(ctx, edge(side), { stroke: colour, width: 0.75 });
}
