// Random numbers by counter, the same lines as normals.py, which has the reasons.

const GOLDEN = 0x9e3779b9;

function mix(h) {
  h = Math.imul(h ^ (h >>> 16), 0x7feb352d);
  h = Math.imul(h ^ (h >>> 15), 0x846ca68b);
  return (h ^ (h >>> 16)) >>> 0;
}

// The two keys of a stream of a seed; then its number in row i, in (0, 1).
export function keysOf(seed, stream) {
  const key = mix(mix((seed + GOLDEN) >>> 0) + stream);
  return [key, mix(key + GOLDEN)];
}
export const uniform = (i, key, key2) => (mix(mix(i ^ key) + key2) + 0.5) / 4294967296;
