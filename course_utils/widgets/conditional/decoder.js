// A CVAE's networks in the browser: its decoder takes z and y, whose shares of the first layer are
// worked out apart, so that either can stay while the other moves.
import { floatsOf, greysOf, layersOf, weighted } from "../_shared/latent_decoder.js";

// y -> outputs of linear layers with ReLU between them; the zeros of y cost nothing.
export function makeNetwork(flat, sizes) {
  const layers = layersOf(flat, sizes);
  return (y) => layers.reduce((values, layer) => weighted(layer, values, false), y);
}

// Returns fromZ and fromY, the shares of z and of y (whose zeros cost nothing), and picture of two
// shares: pixels in [0, 1], row by row.
function makeConditional(flat, sizes, latents) {
  const [first, ...rest] = layersOf(flat, sizes),
    { inputs, outputs } = first;
  const none = new Float64Array(outputs),
    both = new Float64Array(outputs);
  const share = (from, to, bias) => ({
    ...first,
    inputs: to - from,
    bias,
    columns: first.columns.subarray(from * outputs, to * outputs),
  });
  const ofZ = share(0, latents, none),
    ofY = share(latents, inputs, first.bias);
  return {
    fromZ: (z) => weighted(ofZ, z, true).slice(),
    fromY: (y) => weighted(ofY, y, false).slice(),
    picture(a, b) {
      for (let j = 0; j < outputs; j++) both[j] = a[j] + b[j];
      return greysOf(rest.reduce((values, layer) => weighted(layer, values, false), both));
    },
  };
}

// The decoder a page was sent.
export const conditionalOf = (model, { decoder }, latents) =>
  makeConditional(floatsOf(model.get("weights"), decoder.half), decoder.sizes, latents);

// y of one class.
export const oneHot = (digit, classes) =>
  Array.from({ length: classes }, (_, i) => Number(i === digit));
