// Where the page gets its pictures: from its own decoder, or by asking Python.
import { floatsOf, makeDecoder } from "../_shared/latent_decoder.js";

const KEPT = 400,
  ASKED_AT_ONCE = 32,
  PATIENCE_MS = 1500;

// What has been decoded lately, by its latent.
function makeMemory() {
  const kept = new Map(),
    key = (z) => z.join();
  return {
    get: (z) => kept.get(key(z)),
    put(z, pixels) {
      if (kept.size >= KEPT) kept.delete(kept.keys().next().value);
      kept.set(key(z), pixels);
      return pixels;
    },
  };
}

function browserSource(model, { decoder }) {
  const decode = makeDecoder(floatsOf(model.get("weights"), decoder.half), decoder.sizes);
  const memory = makeMemory();
  const nothing = () => {};
  return {
    get: (z) => memory.get(z) ?? memory.put(z, decode(z)),
    end: nothing,
    askForMissing: nothing,
    isLate: () => false,
  };
}

// Returns what takes in an answer of Python's that is new.
function makeReader(model, memory, [height, width]) {
  const size = height * width;
  let taken = null;
  return () => {
    const answer = model.get("answer");
    if (!answer || answer === taken) return;
    taken = answer;
    const { buffer, byteOffset } = answer.pixels;
    answer.z.forEach((z, i) => {
      const bytes = new Uint8Array(buffer, byteOffset + i * size, size);
      const pixels = Float32Array.from(bytes, (byte) => byte / 255);
      memory.put(z, pixels);
    });
  };
}

// One question at a time, always about what is shown now.
function makeAsker(model, again) {
  let askedAt = 0;
  let timer;
  const waits = () => askedAt > 0 && model.get("answer")?.id !== model.get("asked").id;
  const isLate = () => waits() && performance.now() - askedAt > PATIENCE_MS;
  function ask(z) {
    if (!z.length || (waits() && !isLate())) return;
    if (!isLate()) askedAt = performance.now();
    model.set("asked", { id: model.get("asked").id + 1, z });
    model.save_changes();
    clearTimeout(timer);
    timer = setTimeout(again, PATIENCE_MS + 100);
  }
  return { ask, isLate, end: () => clearTimeout(timer) };
}

// `get` gives undefined until the picture is here.
function kernelSource(model, { image }, again) {
  const memory = makeMemory();
  const takeIn = makeReader(model, memory, image);
  const { ask, isLate, end } = makeAsker(model, again);
  let missing = [];
  function get(z) {
    takeIn();
    const pixels = memory.get(z);
    if (!pixels) missing.push(z);
    return pixels;
  }
  function askForMissing() {
    const z = missing.slice(0, ASKED_AT_ONCE);
    missing = [];
    ask(z);
  }
  return { get, askForMissing, isLate, end };
}

// A source has get(z), askForMissing() once all is asked for, isLate() and end(); `again` is called
// when it is time to look whether Python is late.
export const makeSource = (model, recipe, again) =>
  (recipe.decoder ? browserSource : kernelSource)(model, recipe, again);
