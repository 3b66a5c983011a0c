// The page of the latent explorer, built from its recipe.
import { framed } from "../_shared/view.js";
import { button, slidersHtml } from "../_shared/controls.js";
import { twoDecimals } from "../_shared/say.js";
import { axesHtml, codeButtons, middleHtml } from "../_shared/latent_page.js";
import { othersButtons, othersList, padHtml, picture } from "../_shared/latent_page.js";

export const T_SLIDER = { t: { label: "t, from A to B", range: [0, 1, 0.01], show: twoDecimals } };

const modeHtml = (group, mode, text, enabled = true) => `<label><input type="radio"
  name="${group}" data-field="mode" value="${mode}" ${enabled ? "" : "disabled"}> ${text}</label>`;

const modesHtml = (group, hasCodes) =>
  modeHtml(group, "explore", "explore") +
  modeHtml(group, "interpolate", "interpolate between two codes", hasCodes);

const sideHtml = (group, hasCodes, prior) => `<div class="lt-side">
  <fieldset class="lt-modes"><legend>What to do</legend>${modesHtml(group, hasCodes)}</fieldset>
  <div class="cx-buttons">${hasCodes ? codeButtons : ""}
    ${button("draw", `draw z from ${prior}`)} ${button("reset", "reset")}</div>
  <div class="lt-chosen" hidden><b class="lt-name"></b>
    <div class="lt-pair">${picture("original", "original x")}
      ${picture("reconstruction", "decoded at μ")}</div></div></div>`;

const othersHtml = (recipe) => `<fieldset class="lt-others"><legend>Latents</legend>
  <div class="lt-axes">${axesHtml(recipe)}${othersButtons}</div>
  ${othersList(recipe)}</fieldset>`;

const walkHtml = `<figure class="lt-walk" hidden><figcaption>From A to B
    <small>drag along the pictures, or the slider</small></figcaption>
  <div class="lt-strip">${`<canvas aria-hidden="true"></canvas>`.repeat(9)}</div>
  ${slidersHtml(T_SLIDER)}</figure>`;

export function pageOf(recipe, group) {
  const [prior, density] = recipe.standard_prior ? ["p(z)", "p(z)"] : ["N(0, I)", "N(z; 0, I)"];
  return framed(
    "lt-said",
    `<div class="lt-body">
    ${padHtml(recipe, "The latent space", { prior, q: "q(z|x)" })}
    ${middleHtml("The picture it decodes to", `log ${density}`)}
    ${sideHtml(group, recipe.codes.labels.length > 0, prior)}
    ${recipe.start.z.length > 2 ? othersHtml(recipe) : ""}
    ${walkHtml}</div>`,
  );
}
