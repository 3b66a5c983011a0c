// The page of the latent explorer, built from its recipe.
import { framed } from "./view.js";
import { numbersHtml, slidersHtml } from "./controls.js";
import { twoDecimals } from "./say.js";

// Latents move in hundredths, on a pad that reaches far in tenths or more.
export const stepOf = ({ span }) => 10 ** Math.max(-2, Math.floor(Math.log10(span)) - 2);

export const zSliders = (recipe) =>
  Object.fromEntries(
    recipe.start.z.map((_, i) => [
      `z${i}`,
      {
        label: `z[${i}]`,
        min: -recipe.span,
        max: recipe.span,
        step: stepOf(recipe),
        show: twoDecimals,
      },
    ]),
  );

export const T_SLIDER = {
  t: { label: "t, from A to B", min: 0, max: 1, step: 0.01, show: twoDecimals },
};

const modeHtml = (group, hasCodes) =>
  [
    ["explore", "explore"],
    ["interpolate", "interpolate between two codes"],
  ]
    .map(
      ([mode, text]) =>
        `<label><input type="radio" name="${group}" data-field="mode" value="${mode}"
    ${hasCodes || mode === "explore" ? "" : "disabled"}> ${text}</label>`,
    )
    .join("");

export const button = (name, text) => `<button type="button" data-do="${name}">${text}</button>`;

export const picture = (name, label, small = "") => `<figure class="lt-${name}-box">
  <figcaption>${label} <small>${small}</small></figcaption>
  <canvas class="lt-${name}" role="img" aria-label="${label}"></canvas></figure>`;

export function axesHtml({ start, meanKl }) {
  const option = (_, i) =>
    `<option value="${i}">z[${i}]${
      meanKl.length ? ` · mean KL ${twoDecimals(meanKl[i])}` : ""
    }</option>`;
  return ["across", "upwards"]
    .map(
      (way, i) => `<label>${way} <select data-field="axis${i}">
    ${start.z.map(option).join("")}</select></label>`,
    )
    .join("");
}

export const othersButtons = `<span class="cx-buttons">${button("zero", "others to 0")}
  ${button("same", "others to the chosen code's")}</span>`;
export const othersList = (recipe) =>
  `<div class="lt-list cx-sliders">${slidersHtml(zSliders(recipe))}</div>`;

const othersHtml = (recipe) => `<fieldset class="lt-others"><legend>Latents</legend>
  <div class="lt-axes">${axesHtml(recipe)}${othersButtons}</div>
  ${othersList(recipe)}</fieldset>`;

const PAD_HELP = {
  explore: "move over it; drag, or arrow keys; click a code to choose it",
  interpolate: "drag from a code to another, or click one and then the other",
};

export const padHelp = (mode, hasCodes) =>
  hasCodes ? PAD_HELP[mode] : "move over it; drag, or arrow keys";

const PAD_LABEL = `Latent pad. Arrow keys move z, Shift makes larger steps, Home returns to 0,
  Enter chooses the nearest code, Escape lets go of it.`;

// The pad under a title; `prior` and `q` name what is drawn around the codes.
export const padHtml = (recipe, title, { prior, q }) => `<figure class="lt-space">
  <figcaption>${title} <small class="lt-help"></small>
    <small><i class="k-p"></i><span class="lt-prior">${prior}</span>, 1 and 2 sd
      ${recipe.spread ? ` <i class="k-q"></i>${q} of the chosen code` : ""}</small></figcaption>
  <div class="lt-stack${recipe.start.z.length > 1 ? "" : " lt-flat"}">
    <canvas class="lt-codes" aria-hidden="true"></canvas>
    <canvas class="lt-pad" tabindex="0" role="application" aria-label="${PAD_LABEL}"
      aria-roledescription="two-dimensional slider"></canvas></div></figure>`;

export const codeButtons =
  button("previous", "previous") + button("nearest", "nearest code") + button("next", "next");

export function pageOf(recipe, group) {
  const latents = recipe.start.z.length,
    hasCodes = recipe.labels.length > 0;
  const prior = recipe.standardPrior ? "p(z)" : "N(0, I)";
  return framed(
    "lt-said",
    `<div class="lt-body">
    ${padHtml(recipe, "The latent space", { prior, q: "q(z|x)" })}
    <div class="lt-middle">${picture(
      "picture",
      "The picture it decodes to",
      `<span class="lt-where"></span>`,
    )}
      <div class="cx-numbers lt-numbers">${numbersHtml([
        ["z", "z"],
        ["density", `log ${recipe.standardPrior ? prior : "N(z; 0, I)"}`],
        ["beyond", "draws further out"],
      ])}
      </div></div>
    <div class="lt-side">
      <fieldset class="lt-modes"><legend>What to do</legend>${modeHtml(group, hasCodes)}</fieldset>
      <div class="lt-chosen" hidden><b class="lt-name"></b>
        <div class="lt-pair">${picture("original", "original x")}
          ${picture("reconstruction", "decoded at μ")}</div></div>
      <div class="cx-buttons">${hasCodes ? codeButtons : ""}
        ${button("draw", `draw z from ${prior}`)}
        ${button("reset", "reset")}</div></div>
    ${latents > 2 ? othersHtml(recipe) : ""}
    <figure class="lt-walk" hidden><figcaption>From A to B
        <small>drag along the pictures, or the slider</small></figcaption>
      <div class="lt-strip">${`<canvas aria-hidden="true"></canvas>`.repeat(9)}</div>
      ${slidersHtml(T_SLIDER)}</figure></div>`,
  );
}
