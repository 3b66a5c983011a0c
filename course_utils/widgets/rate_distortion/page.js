// The page of the explorer of rate and distortion, built from its recipe.
import { framed } from "../_shared/view.js";
import { button, numbersHtml, slidersHtml } from "../_shared/controls.js";
import { nameOf } from "./words.js";

const PAD_LABEL = `Rate against distortion. Left and right arrows go to another network, up and down
  to another picture, Shift makes larger steps.`;
const KEY = `<i class="k-p"></i>the Gaussian <i class="k-q"></i>networks
  <i class="rd-between"></i>between them &nbsp;◇ linear optimum at this σ &nbsp;✕ this picture`;
const NUMBERS = [
  ["rate", "R of the network, nats"],
  ["distortion", "D of the network"],
  ["needed", "the Gaussian needs at this D"],
  ["linear", "linear optimum: R, D"],
  ["own", "this picture: R, D"],
];

export const networkSlider = (recipe) => ({
  model: {
    label: "network, by its σ",
    range: [0, recipe.points.length - 1, 1],
    show: (model) => nameOf(recipe, model),
  },
});

const planeHtml = `<figure class="cx-wide rd-plane"><figcaption>Rate against distortion
    <small>drag, or arrows</small><small>${KEY}</small></figcaption>
  <canvas class="rd-pad" tabindex="0" role="application" aria-label="${PAD_LABEL}"
    aria-roledescription="two-dimensional slider"></canvas></figure>`;

const oneOf = ([name, label]) => `<figure><figcaption><small>${label}</small></figcaption>
  <canvas class="rd-${name}" role="img" aria-label="${label}"></canvas></figure>`;
const THREE = Object.entries({
  original: "test picture x",
  decoded: "network",
  optimum: "linear optimum",
});

function samplesHtml(count) {
  const each = (_, i) => `<canvas role="img" aria-label="sample ${i + 1}"></canvas>`;
  return `<figure><figcaption>Samples of the network <small>z from N(0, I)</small></figcaption>
    <div class="rd-samples">${Array.from({ length: count }, each).join("")}</div></figure>`;
}

const sideHtml = ({ samples }) => `<div class="rd-side"><figure><figcaption>Sent and decoded
    <small>from a draw of z given x</small></figcaption>
  <div class="rd-three">${THREE.map(oneOf).join("")}</div></figure>${samplesHtml(samples)}</div>`;

function controlsHtml(recipe) {
  const options = Array.from({ length: recipe.images }, (_, i) => `<option value="${i}">${i}`);
  return `<div class="cx-sliders">${slidersHtml(networkSlider(recipe))}
    <span class="cx-buttons"><label>test picture <select data-field="image">
      ${options.join("</option>")}</option></select></label>
      ${button("previous", "previous")}${button("next", "next")}
      ${button("again", "other draws")}${button("reset", "reset")}</span></div>
  <div class="cx-numbers">${numbersHtml(NUMBERS)}</div>`;
}

export const planePage = (recipe) =>
  framed(
    "rd-said",
    `<div class="cx-figures">${planeHtml}${sideHtml(recipe)}</div>${controlsHtml(recipe)}`,
  );
