// What the pages of a latent space are built of.
import { button, numbersHtml, slidersHtml } from "./controls.js";
import { twoDecimals } from "./say.js";

// Latents move in hundredths, on a pad that reaches far in tenths or more.
export const stepOf = ({ span }) => 10 ** Math.max(-2, Math.floor(Math.log10(span)) - 2);

export function zSliders(recipe) {
  const look = { range: [-recipe.span, recipe.span, stepOf(recipe)], show: twoDecimals };
  return Object.fromEntries(recipe.start.z.map((_, i) => [`z${i}`, { label: `z[${i}]`, ...look }]));
}

export const picture = (name, label, small = "") => `<figure class="lt-${name}-box">
  <figcaption>${label} <small>${small}</small></figcaption>
  <canvas class="lt-${name}" role="img" aria-label="${label}"></canvas></figure>`;

export function axesHtml({ start, codes: { mean_kl } }) {
  const about = (i) => (mean_kl.length ? ` · mean KL ${twoDecimals(mean_kl[i])}` : "");
  const options = start.z.map((_, i) => `<option value="${i}">z[${i}]${about(i)}</option>`);
  const axis = (way, i) => `<label>${way} <select data-field="axis${i}">
    ${options.join("")}</select></label>`;
  return axis("across", 0) + axis("upwards", 1);
}

export const othersButtons = `<span class="cx-buttons">${button("zero", "others to 0")}
  ${button("same", "others to the chosen code's")}</span>`;
export const othersList = (recipe) =>
  `<div class="lt-list cx-sliders">${slidersHtml(zSliders(recipe))}</div>`;

const PAD_HELP = {
  explore: "move over it; drag, or arrow keys; click a code to choose it",
  interpolate: "drag from a code to another, or click one and then the other",
};

export const padHelp = (mode, hasCodes) =>
  hasCodes ? PAD_HELP[mode] : "move over it; drag, or arrow keys";

const padLabel = (hasCodes) => `Latent pad. Arrow keys move z, Shift makes larger steps, Home
  returns to 0${hasCodes ? ", Enter chooses the nearest code, Escape lets go of it" : ""}.`;

// The pad under a title; `prior` and `q` name what is drawn around the codes.
export const padHtml = (recipe, title, { prior, q }) => `<figure class="lt-space">
  <figcaption>${title} <small class="lt-help"></small>
    <small><i class="k-p"></i><span class="lt-prior">${prior}</span>,
      1 and 2 sd ${recipe.codes.spread ? ` <i class="k-q"></i>${q} of the chosen code` : ""}</small>
  </figcaption>
  <div class="lt-stack${recipe.start.z.length > 1 ? "" : " lt-flat"}">
    <canvas class="lt-codes" aria-hidden="true"></canvas>
    <canvas class="lt-pad" tabindex="0" role="application"
      aria-roledescription="two-dimensional slider"
      aria-label="${padLabel(recipe.codes.labels.length > 0)}"></canvas></div></figure>`;

// The decoded picture under a title, and what is known of its place.
export const middleHtml = (title, density) => `<div class="lt-middle">
  ${picture("picture", title, `<span class="lt-where"></span>`)}
  <div class="cx-numbers lt-numbers">${numbersHtml([
    ["z", "z"],
    ["density", density],
    ["beyond", "draws further out"],
  ])}</div></div>`;

export const codeButtons =
  button("previous", "previous") + button("nearest", "nearest code") + button("next", "next");
