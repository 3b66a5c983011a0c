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

function browserSource(model, recipe) {
  const decode = makeDecoder(
    floatsOf(model.get("weights"), recipe.decoder.half),
    recipe.decoder.sizes,
  );
  const memory = makeMemory(),
    nothing = () => {};
  return {
    get: (z) => memory.get(z) ?? memory.put(z, decode(z)),
    end: nothing,
    askForMissing: nothing,
    isLate: () => false,
  };
}

// One question at a time, always about what is shown now; `get` gives undefined until it is here.
function kernelSource(model, recipe, again) {
  const memory = makeMemory(),
    size = recipe.image[0] * recipe.image[1];
  let missing = [],
    taken,
    askedAt = 0,
    timer;
  function takeIn() {
    const answer = model.get("answer");
    if (!answer || answer === taken) return;
    taken = answer;
    const { buffer, byteOffset } = answer.pixels;
    answer.z.forEach((z, i) =>
      memory.put(
        z,
        Float32Array.from(
          new Uint8Array(buffer, byteOffset + i * size, size),
          (byte) => byte / 255,
        ),
      ),
    );
  }
  const waits = () => askedAt > 0 && model.get("answer")?.id !== model.get("asked").id;
  const isLate = () => waits() && performance.now() - askedAt > PATIENCE_MS;
  return {
    isLate,
    get(z) {
      takeIn();
      const pixels = memory.get(z);
      if (!pixels) missing.push(z);
      return pixels;
    },
    askForMissing() {
      const z = missing.slice(0, ASKED_AT_ONCE);
      missing = [];
      if (!z.length || (waits() && !isLate())) return;
      if (!isLate()) askedAt = performance.now();
      model.set("asked", { id: model.get("asked").id + 1, z });
      model.save_changes();
      clearTimeout(timer);
      timer = setTimeout(again, PATIENCE_MS + 100);
    },
    end: () => clearTimeout(timer),
  };
}

// A source has get(z), askForMissing() once all is asked for, isLate() and end(); `again` is called
// when it is time to look whether Python is late.
export const makeSource = (model, recipe, again) =>
  (recipe.decoder ? browserSource : kernelSource)(model, recipe, again);
