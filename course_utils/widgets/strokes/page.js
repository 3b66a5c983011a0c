// The page of the writer of digits, built from its recipe.
import { framed } from "../_shared/view.js";

const densityShape = ({ low, high, mean, deviation }) => {
  const points = Array.from({ length: 41 }, (_, i) => {
    const share = i / 40,
      z = (low + (high - low) * share - mean) / deviation;
    return `${100 * share}% ${(100 - 100 * Math.exp((-z * z) / 2)).toFixed(1)}%`;
  });
  return `polygon(0% 100%, ${points.join()}, 100% 100%)`;
};

const knobHtml = (knob) => {
  const { name, label, low, high, step } = knob,
    number = /^wobble (\d) \((.*)\)$/.exec(label);
  return `<label class="sw-knob" data-knob="${name}">
    <span>${number ? `${number[1]} ${number[2]}` : label}</span><b></b>
    <span class="sw-prior" style="clip-path:${densityShape(knob)}"></span>
    <input type="range" data-field="${name}" aria-label="${label}"
      min="${low}" max="${high}" step="${step}"></label>`;
};

const digitHtml = (group) => (_, digit) => `<label><input type="radio" name="${group}"
  value="${digit}" data-field="digit" aria-label="digit ${digit}"><span>${digit}</span></label>`;

const pictureHtml = (digits, group) => `<figure class="sw-left"><figcaption>The picture x
        <small>drag or arrows: ↔ slant, ↕ weight; 0–9 digit</small></figcaption>
      <canvas class="sw-pad" tabindex="0" role="application"
        aria-roledescription="picture, and two-dimensional slider"></canvas>
      <div class="sw-digits" role="radiogroup" aria-label="digit">
        ${digits.map(digitHtml(group)).join("")}</div></figure>`;

const knobsHtml = (knobs) => `<figure><figcaption>The latent z, knob by knob
        <small><i class="sw-key"></i>the prior p(z): which writers there are
        <i class="sw-key sw-tail"></i>those further out than this one</small></figcaption>
      <div class="sw-knobs">${knobs.slice(0, 4).map(knobHtml).join("")}</div>
      <details><summary>wobble, eight small irregularities of the hand <b></b></summary>
        <div class="sw-wobbles">${knobs.slice(4).map(knobHtml).join("")}</div></details></figure>`;

const BUTTONS = `<div class="cx-buttons">
        <button type="button" data-do="both">draw z from p(z)</button>
        <button type="button" data-do="digit">new digit, same style</button>
        <button type="button" data-do="style">same digit, new style</button>
        <button type="button" data-do="reset">reset</button></div>`;

export const pageOf = ({ skeletons, knobs }, group) =>
  framed(
    "sw-said",
    `<div class="cx-figures">
    ${pictureHtml(skeletons, group)}
    <div class="sw-right">${knobsHtml(knobs)}
      ${BUTTONS}</div>
  </div>
  <figure class="sw-alone"><figcaption>This knob alone: <span></span>
      <small>all other knobs held; drag along the pictures</small></figcaption>
    <canvas class="sw-strip" role="img"></canvas></figure>`,
  );
