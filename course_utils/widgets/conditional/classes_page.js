// The page of the conditional explorer of classes, built from its recipe.
import { framed } from "../_shared/view.js";
import { button } from "../_shared/controls.js";
import { axesHtml, codeButtons, middleHtml } from "../_shared/latent_page.js";
import { othersButtons, othersList, padHtml, picture } from "../_shared/latent_page.js";

const ROW = 10;

const sideHtml = (hasCodes) => `<div class="lt-side">
  <div class="cx-buttons">${hasCodes ? codeButtons : ""}
    ${button("draw", "a new style from the prior")}${button("reset", "reset")}</div>
  <div class="lt-chosen" hidden><b class="lt-name"></b>
    <div class="lt-pair">${picture("original", "original x")}</div></div></div>`;

const classHtml = (group, digit) => `<label><input type="radio" name="${group}"
  value="${digit}" data-field="digit" aria-label="class ${digit}">
  <canvas aria-hidden="true"></canvas><span>${digit}</span></label>`;

function rowHtml(classes, group) {
  const columns = classes > ROW ? Math.ceil(classes / 2) : classes;
  const each = Array.from({ length: classes }, (_, digit) => classHtml(group, digit));
  return `<figure class="cd-all"><figcaption>Every class in this one style
      <small>click one, or press its number, to see it large</small></figcaption>
    <div class="cd-row" role="radiogroup" aria-label="class" style="--columns: ${columns}">
      ${each.join("")}</div></figure>`;
}

const latentsHtml = (recipe) => `<div class="lt-others"><div class="lt-axes">
  ${axesHtml(recipe)}</div>
  <details><summary>the other latents</summary>${othersButtons}${othersList(recipe)}</details>
  </div>`;

export function classesPage(recipe, group) {
  const prior = recipe.prior ? "p(z|y)" : "p(z)";
  return framed(
    "lt-said",
    `<div class="lt-body">
    ${padHtml(recipe, "The style z", { prior, q: "q(z|x, y)" })}
    ${middleHtml(`Class <b class="cd-digit"></b> in this style`, `log ${prior}`)}
    ${sideHtml(recipe.codes.labels.length > 0)}
    ${rowHtml(recipe.classes, group)}
    ${recipe.start.z.length > 2 ? latentsHtml(recipe) : ""}</div>`,
  );
}
