// The page of the conditional explorer of halves, built from its recipe.
import { framed } from "../_shared/view.js";
import { button, numbersHtml, slidersHtml } from "../_shared/controls.js";
import { twoDecimals } from "../_shared/say.js";

export function spreadSlider({ ranges }) {
  const show = (value) => twoDecimals(value) + (value === 1 ? ", the model" : "");
  return { spread: { label: "spread: the noise times", range: [...ranges.spread, 0.05], show } };
}

const DRAW_LABEL = `Left half of a picture, to draw in. Arrow keys move the pen, with Shift they
  draw; Space makes a dot, Delete and Backspace erase one.`;

const toolHtml = (group, tool, checked = "") => `<label><input type="radio"
  name="${group}" data-field="tool" value="${tool}" ${checked}>
  ${tool}</label>`;

const leftHtml = (group, [height, width]) => `<figure class="cd-left">
  <figcaption>The left half y <small>drag to draw, or Shift + arrows</small></figcaption>
  <canvas class="cd-pad" tabindex="0" role="application" aria-label="${DRAW_LABEL}"
    aria-roledescription="drawing" style="aspect-ratio: ${width} / ${height}"></canvas>
  <div class="cd-tools" role="radiogroup" aria-label="pen">
    ${toolHtml(group, "draw", "checked")}${toolHtml(group, "erase")}
    ${button("clear", "clear")}</div>
  <small class="cd-pen" role="status"></small></figure>`;

const wholeHtml = (name, label) => `<span class="cd-whole"><canvas class="cd-${name}" role="img"
  aria-label="${label}"></canvas></span>`;

function nineHtml({ prior, shown }) {
  const each = Array.from({ length: shown }, (_, i) =>
    wholeHtml("completion", `completion ${i + 1}`),
  );
  return `<figure class="cd-nine"><figcaption>Nine completions
      <small>each with its own z from ${prior ? "p(z|y)" : "N(0, I)"}</small></figcaption>
    <div class="cd-grid">${each.join("")}</div></figure>`;
}

const pairHtml = (draws) => `<div class="cd-pair">
  <figure><figcaption>Mean of ${draws}<small>no draw: an average</small></figcaption>
    ${wholeHtml("mean", `mean of ${draws} completions`)}</figure>
  <figure class="cd-true"><figcaption>The truth<small>picture
    <span class="cd-name"></span> of the data</small></figcaption>
    ${wholeHtml("truth", "the true picture")}</figure></div>`;

const NUMBERS = [
  ["variance", "draws vary by"],
  ["one", "a draw is off by"],
  ["mean", "their mean is off by"],
  ["best", "nearest of nine"],
];

const offHtml = (pictures) => `<div><div class="cx-numbers cd-numbers">
    ${numbersHtml(pictures ? NUMBERS : NUMBERS.slice(0, 1))}</div>
  <small class="cd-unit">squared grey levels, summed over the right half</small></div>`;

function picksHtml(count) {
  const options = Array.from({ length: count }, (_, i) => `<option value="${i}">of picture ${i}`);
  return `<div class="cd-picks"><label>left half <select data-field="left">
    <option value="drawn">drawn by hand</option>
    ${options.join("</option>")}</option>
    </select></label> ${button("previous", "previous")}${button("next", "next")}</div>`;
}

export function halvesPage(recipe, group) {
  const { image, draws, pictures } = recipe;
  return framed(
    "lt-said",
    `<div class="cd-body">
    ${leftHtml(group, image)}
    ${nineHtml(recipe)}
    <div class="cd-side">${pairHtml(draws)}
      ${offHtml(pictures)}
      ${slidersHtml(spreadSlider(recipe))}
      <div class="cx-buttons">${button("again", "nine other draws")}
        ${button("reset", "reset")}</div>
      ${pictures ? picksHtml(pictures) : ""}</div></div>`,
  );
}
