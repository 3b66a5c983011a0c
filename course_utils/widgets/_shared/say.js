// What explorers say: the sentences of their tables, as words.py fills them in. `WORDS`, all tables
// of the explorer by name, is put before the first line by read_esm.

// Halves upwards, with a true minus; the sum with 0 turns -0 into 0.
export const twoDecimals = (value) =>
  (Math.floor(100 * value + 0.5) / 100 + 0).toFixed(2).replace("-", "−");

export const SPECS = {
  ".2f": twoDecimals,
  ",": (n) => String(n).replace(/\B(?=(\d{3})+$)/g, ","),
  "": String,
};

export const say = (name, values) =>
  WORDS[name].replace(/{(\w+):?(.*?)}/g, (_, place, spec) => {
    if (values[place] === undefined) throw new Error(`"${name}" lacks its ${place}`);
    return SPECS[spec](values[place]);
  });
