// The decoder in the browser, and the bytes it is sent in: torch's pictures to 1e-3 of their ink.

const bytesOf = (view) => view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength);

// A half is a sign, five bits of exponent, ten of fraction; all little-endian, as browsers are.
export function floatsOf(view, half) {
  if (!half) return new Float32Array(bytesOf(view));
  return Float32Array.from(new Uint16Array(bytesOf(view)), (bits) => {
    const power = (bits >> 10) & 31,
      fraction = (bits & 1023) / 1024,
      sign = bits >> 15 ? -1 : 1;
    return sign * (power ? 2 ** (power - 15) * (1 + fraction) : 2 ** -14 * fraction);
  });
}

// Rows of weights are stood up as columns: what one input adds to all outputs lies together.
function columnsOf(weight, inputs, outputs) {
  const columns = new Float32Array(weight.length);
  for (let j = 0; j < outputs; j++) {
    for (let k = 0; k < inputs; k++) columns[k * outputs + j] = weight[j * inputs + k];
  }
  return columns;
}

export function layersOf(flat, sizes) {
  let at = 0;
  const take = (count) => flat.subarray(at, (at += count));
  return sizes.slice(1).map((outputs, i) => {
    const inputs = sizes[i],
      columns = columnsOf(take(inputs * outputs), inputs, outputs);
    return {
      inputs,
      outputs,
      columns,
      bias: take(outputs),
      active: new Int32Array(inputs),
      sum: new Float64Array(outputs),
    };
  });
}

// Inputs that a ReLU has put out are left aside; how many are not.
function listActive({ inputs, active }, input, all) {
  let count = 0;
  for (let k = 0; k < inputs; k++) if (all || input[k] > 0) active[count++] = k;
  return count;
}

// sum = bias + W input, by fours of the inputs.
export function weighted(layer, input, all) {
  const { outputs, columns, active, sum } = layer;
  const count = listActive(layer, input, all);
  let i = 0;
  sum.set(layer.bias);
  for (; i + 3 < count; i += 4) {
    const [a, b, c, d] = [active[i], active[i + 1], active[i + 2], active[i + 3]];
    const [va, vb, vc, vd] = [input[a], input[b], input[c], input[d]];
    const [pa, pb, pc, pd] = [a * outputs, b * outputs, c * outputs, d * outputs];
    for (let j = 0; j < outputs; j++) {
      sum[j] +=
        va * columns[pa + j] + vb * columns[pb + j] + vc * columns[pc + j] + vd * columns[pd + j];
    }
  }
  for (; i < count; i++) {
    const value = input[active[i]],
      from = active[i] * outputs;
    for (let j = 0; j < outputs; j++) sum[j] += value * columns[from + j];
  }
  return sum;
}

// z -> pixels in [0, 1], row by row.
export function makeDecoder(flat, sizes) {
  const layers = layersOf(flat, sizes);
  return (z) => greysOf(layers.reduce((values, layer, i) => weighted(layer, values, i === 0), z));
}

export function greysOf(logits) {
  const greys = new Float32Array(logits.length);
  for (let i = 0; i < greys.length; i++) greys[i] = 1 / (1 + Math.exp(-logits[i]));
  return greys;
}

// Pictures of bytes in which a zero is followed by how many zeros it stands for.
export function unpackedPictures(view, size) {
  const packed = new Uint8Array(bytesOf(view)),
    pixels = [];
  for (let i = 0; i < packed.length; i++) {
    if (packed[i]) pixels.push(packed[i] / 255);
    else for (let left = packed[++i]; left; left--) pixels.push(0);
  }
  return Array.from({ length: pixels.length / size }, (_, n) =>
    Float32Array.from(pixels.slice(n * size, (n + 1) * size)),
  );
}

// The codes { mu, logVar, labels, originals }, a row each; logVar is empty where there is no q.
export function unpackedCodes(recipe, packed, originals) {
  const flat = floatsOf(packed, recipe.codes.half),
    { start, image } = recipe,
    { labels, spread } = recipe.codes;
  const width = start.z.length,
    count = labels.length;
  const rows = (from) =>
    labels.map((_, i) => Array.from(flat.subarray((from + i) * width, (from + i + 1) * width)));
  return {
    labels,
    mu: rows(0),
    logVar: spread ? rows(count) : [],
    originals: unpackedPictures(originals, image[0] * image[1]),
  };
}
