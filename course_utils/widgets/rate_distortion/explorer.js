// The view: the plane, a picture and what becomes of it, samples. The model holds the state alone.
import { clamp, theme } from "../_shared/canvas.js";
import { makeView } from "../_shared/view.js";
import { onSliders, placeNumbers, placeSliders } from "../_shared/controls.js";
import { twoDecimals } from "../_shared/say.js";
import { unpackedPictures } from "../_shared/latent_decoder.js";
import { paintPicture } from "../_shared/latent_pictures.js";
import { describeChange, pairText } from "./words.js";
import { drawPlane, nearestTo } from "./plane.js";
import { networkSlider, planePage } from "./page.js";

// recipe: { image, images, points, tested, curve, reach, seeds, samples }
const START = { model: 0, image: 0, seed: 0 };

function render({ model, el }) {
  const recipe = model.get("recipe"),
    [height, width] = recipe.image;
  const all = unpackedPictures(model.get("packed_pixels"), height * width);
  el.innerHTML = planePage(recipe);
  const page = { el, recipe, all, pad: el.querySelector(".rd-pad"), hand: { note: "" } };
  const { pad: sized, hand } = page;
  const draw = (state) => drawAll(page, state);
  const tell = (state, before) => describeChange(recipe, { before, state });
  page.view = makeView({ model, el }, { fields: Object.keys(START), draw, tell, sized, hand });
  listen(page);
  return page.view.start();
}

// The pixels of a state, out of all: the test pictures; of each network and seed those decoded by
// it, then those of the linear optimum, then samples.
export function pixelsOf(all, { images, points, seeds, samples }, { model, image, seed }) {
  const at = model * seeds + seed,
    decoded = images * (1 + at),
    count = images * points.length * seeds;
  const first = images + 2 * count + samples * at;
  return {
    original: all[image],
    decoded: all[decoded + image],
    optimum: all[decoded + count + image],
    samples: all.slice(first, first + samples),
  };
}

function drawAll({ el, recipe, all, pad }, state) {
  const { samples, ...three } = pixelsOf(all, recipe, state);
  const { rate, distortion, needed, linear, own } = recipe.points[state.model];
  const paint = (canvas, pixels) => paintPicture(canvas, pixels, recipe.image);
  drawPlane(pad, recipe, state, theme(el));
  for (const name in three) paint(el.querySelector(`.rd-${name}`), three[name]);
  el.querySelectorAll(".rd-samples canvas").forEach((canvas, i) => paint(canvas, samples[i]));
  placeSliders(el, networkSlider(recipe), state);
  el.querySelector("select").value = state.image;
  const single = Object.entries({ rate, distortion, needed }).map(([k, v]) => [k, twoDecimals(v)]);
  const pairs = { linear: pairText(linear.slice(0, 2)), own: pairText(own[state.image]) };
  placeNumbers(el, { ...Object.fromEntries(single), ...pairs });
  return state;
}

function listen(page) {
  const { el, recipe, pad, view } = page,
    { now, move } = view;
  const { images, points } = recipe;
  const go = (networks, pictures) => {
    const { model, image } = now();
    move({
      model: clamp(model + networks, 0, points.length - 1),
      image: clamp(image + pictures, 0, images - 1),
    });
  };
  view.onArrows(pad, (right, up) => go(right, -up));
  view.onDrag(pad, (...at) => {
    pad.focus();
    move({ model: nearestTo(at, recipe, pad) });
  });
  onSliders(el, networkSlider(recipe), view);
  const select = el.querySelector("select");
  view.on(select, "input", () => move({ image: Number(select.value) }));
  listenToButtons(page, go);
}

function listenToButtons({ recipe, view, hand }, go) {
  const again = () => view.move({ seed: (view.now().seed + 1) % recipe.seeds });
  const reset = () => {
    hand.note = "Reset. ";
    view.move(START);
    view.speak();
  };
  view.onButtons({ previous: () => go(0, -1), next: () => go(0, 1), again, reset });
}

export default { render };
