// The pictures of the writer of digits on their canvases: pixels stay square and sharp.
import { begin, clamp, greys, pointer } from "../_shared/canvas.js";
import { SIDE, drawDigit, stripValues, turned, valueOf } from "./math.js";
import { twoDecimals } from "../_shared/say.js";

const GAP = 4,
  FRAME = 1,
  LABELS = 22;

// One small canvas carries every picture to its place.
let carrier;
function paint(ctx, pixels, { left, top, side }) {
  carrier ??= new OffscreenCanvas(SIDE, SIDE).getContext("2d", { willReadFrequently: true });
  const { paper, ink } = greys();
  const data = carrier.createImageData(SIDE, SIDE),
    rgba = new Uint32Array(data.data.buffer);
  for (let i = 0; i < pixels.length; i++) {
    const grey = Math.round(paper + (ink - paper) * pixels[i]);
    rgba[i] = 0xff000000 | (grey << 16) | (grey << 8) | grey;
  }
  carrier.putImageData(data, 0, 0);
  ctx.imageSmoothingEnabled = false;
  ctx.drawImage(carrier.canvas, left, top, side, side);
}

export function drawLarge(canvas, recipe, state) {
  const { ctx, width } = begin(canvas);
  paint(ctx, drawDigit(recipe, state), { left: 0, top: 0, side: width });
}

// Where the small pictures stand, and which value lies at a place along them.
export function stripScale(recipe, knob, width) {
  const values = stripValues(recipe, knob),
    count = values.length,
    inner = width - 2 * FRAME;
  const room = Math.floor((inner - GAP * (count - 1)) / count);
  const side = room >= SIDE ? Math.min(3 * SIDE, room - (room % SIDE)) : room;
  const step = (inner - side) / (count - 1),
    low = values[0],
    high = values.at(-1);
  const first = FRAME + side / 2,
    share = (x) => clamp((x - first) / step / (count - 1), 0, 1);
  return {
    values,
    side,
    left: (i) => FRAME + i * step,
    x: (value) => first + (step * (count - 1) * (value - low)) / (high - low),
    value: (x) => low + (high - low) * share(x),
  };
}

export function drawStrip(canvas, recipe, state, colours) {
  const { ctx, width } = begin(canvas),
    to = stripScale(recipe, state.knob, width);
  const { side, values } = to,
    at = to.x(valueOf(state, state.knob));
  Object.assign(ctx, { textAlign: "center", textBaseline: "top", fillStyle: colours.faint });
  values.forEach((value, i) => {
    const left = to.left(i),
      pixels = drawDigit(recipe, turned(state, state.knob, value));
    paint(ctx, pixels, { left: Math.round(left), top: 10, side });
    ctx.strokeStyle = colours.line;
    ctx.strokeRect(Math.round(left) - 0.5, 9.5, side + 1, side + 1);
    const label = state.knob === "digit" ? value : twoDecimals(value);
    if (i % 2 && ctx.measureText(label).width > side) return; // it would touch the last one
    ctx.fillText(label, left + side / 2, side + 16);
  });
  pointer(ctx, [at, 0], 8, colours.ink); // where the knob stands now
}

export const stripHeight = (side) => 10 + side + LABELS;
