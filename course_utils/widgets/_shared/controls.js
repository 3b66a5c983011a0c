// Sliders and numbers of an explorer: their place on the page, their values, their listeners.
// A slider is { label, range: [min, max, step], show, to, log }, under the name of its field.
// `show` words a value of the state, `to` makes one of the slider's number; so does `log`, where
// that is the log10 of the value.

function sliderHtml([name, { label, range }]) {
  const [min, max, step] = range;
  return `<label class="cx-slider"><span>${label}</span>
    <b data-shows="${name}" aria-hidden="true"></b>
    <input type="range" data-field="${name}" min="${min}" max="${max}" step="${step}"></label>`;
}

export const slidersHtml = (sliders) => Object.entries(sliders).map(sliderHtml).join("");

export const button = (name, text) => `<button type="button" data-do="${name}">${text}</button>`;

// Labels are [key, label]; a key may come twice.
export const numbersHtml = (labels) =>
  labels
    .map(([key, label]) => `<div><small>${label}</small> <span data-number="${key}"></span></div>`)
    .join("");

// Text that stays is left alone: writing it anew would lay out the page once more.
function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export function placeNumbers(el, texts) {
  for (const span of el.querySelectorAll("[data-number]")) write(span, texts[span.dataset.number]);
}

const inputOf = (el, name) => el.querySelector(`input[data-field=${name}]`);

export function placeSliders(el, sliders, state) {
  for (const [name, { show, log }] of Object.entries(sliders)) {
    const input = inputOf(el, name),
      text = show(state[name]);
    input.value = log ? Math.log10(state[name]) : state[name];
    if (input.getAttribute("aria-valuetext") !== text) input.setAttribute("aria-valuetext", text);
    write(el.querySelector(`[data-shows=${name}]`), text);
  }
}

export function onSliders(el, sliders, { on, move }) {
  for (const [name, { log, to = log ?? Number }] of Object.entries(sliders)) {
    const input = inputOf(el, name);
    on(input, "input", () => move({ [name]: to(Number(input.value)) }));
  }
}
