// Drawing shared by the explorers: a canvas as sharp as the screen, axes, hatching, theme.

// Colours of meaning are those of course_utils.plots; ink and grid follow the Jupyter theme.
export const ROLE = { p: "#0072B2", q: "#D55E00", samples: "#009E73", data: "#4D4D4D" };

export const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

export function theme(el) {
  const style = getComputedStyle(el.querySelector(".cx")); // which has its own in high contrast
  const css = (name, fallback) => style.getPropertyValue(`--jp-${name}`).trim() || fallback;
  return {
    ink: css("ui-font-color1", "#212121"),
    faint: css("ui-font-color2", "#616161"),
    grid: css("border-color2", "#e0e0e0"),
    paper: css("layout-color0", "#ffffff"),
    line: css("border-color1", "#bdbdbd"),
  };
}

// Lab takes the page apart while it changes its theme: a canvas has a size again a frame later.
export function onThemeChange(run) {
  const later = () => requestAnimationFrame(run);
  const watch = new MutationObserver(later);
  watch.observe(document.body, { attributeFilter: ["data-jp-theme-name", "data-jp-theme-light"] });
  const contrast = matchMedia("(forced-colors: active)");
  contrast.addEventListener("change", later);
  return () => {
    watch.disconnect();
    contrast.removeEventListener("change", later);
  };
}

// Of decoded pictures, no ink and full ink.
const GREYS = { light: { paper: 255, ink: 17 }, dark: { paper: 24, ink: 255 } };
export const greys = () => GREYS[document.body.dataset.jpThemeLight === "false" ? "dark" : "light"];

// A cleared 2-d context in CSS pixels, and the size it has to draw in.
export function begin(canvas) {
  const scale = window.devicePixelRatio || 1,
    ctx = canvas.getContext("2d");
  const width = canvas.clientWidth || 260,
    height = canvas.clientHeight || 220;
  const [w, h] = [Math.round(width * scale), Math.round(height * scale)];
  if (canvas.width !== w || canvas.height !== h) Object.assign(canvas, { width: w, height: h });
  ctx.setTransform(scale, 0, 0, scale, 0, 0);
  ctx.clearRect(0, 0, width, height);
  ctx.font = "11px " + (getComputedStyle(canvas).fontFamily || "sans-serif");
  return { ctx, width, height };
}

// Ticks are [pixel, label]; grid lines go through those of the upright axis.
export function axes(ctx, { left, top, right, bottom }, look) {
  const { colours, xTicks, yTicks, xLabel, yLabel, grid = true } = look;
  Object.assign(ctx, { fillStyle: colours.faint, lineWidth: 1 });
  Object.assign(ctx, { textBaseline: "middle", textAlign: "right" });
  for (const [y, label] of yTicks) {
    segment(ctx, [left - 4, y], [grid ? right : left, y], { stroke: colours.grid });
    ctx.fillText(label, left - 6, y);
  }
  Object.assign(ctx, { textBaseline: "alphabetic", textAlign: "center" });
  ticksBelow(ctx, bottom, xTicks, colours.line);
  const corner = [left, bottom];
  line(ctx, [[left, top], corner, [right, bottom]], { stroke: colours.line });
  ctx.fillStyle = colours.ink;
  ctx.fillText(xLabel, (left + right) / 2, bottom + 32);
  ctx.save();
  ctx.translate(12, (top + bottom) / 2);
  ctx.rotate(-Math.PI / 2);
  ctx.fillText(yLabel, 0, 0);
  ctx.restore();
}

// A label that would touch the last one is left out.
function ticksBelow(ctx, bottom, ticks, stroke) {
  let end = -Infinity;
  for (const [x, label] of ticks) {
    const half = ctx.measureText(label).width / 2;
    segment(ctx, [x, bottom], [x, bottom + 4], { stroke });
    if (x - half < end + 3) continue;
    ctx.fillText(label, x, bottom + 16);
    end = x + half;
  }
}

export function line(ctx, points, { stroke, width = 1, dash = [] }) {
  ctx.save();
  Object.assign(ctx, { strokeStyle: stroke, lineWidth: width, lineJoin: "round" });
  ctx.setLineDash(dash);
  ctx.beginPath();
  for (const [x, y] of points) ctx.lineTo(x, y);
  ctx.stroke();
  ctx.restore();
}

// From here to the next restore nothing is drawn outside the box.
export function clip(ctx, { left, top, right, bottom }) {
  ctx.beginPath();
  ctx.rect(left, top, right - left, bottom - top);
  ctx.clip();
}

export function hatch(ctx, box, stroke) {
  const { left, top, right, bottom } = box;
  ctx.save();
  clip(ctx, box);
  Object.assign(ctx, { strokeStyle: stroke, lineWidth: 1 });
  ctx.beginPath();
  const fall = bottom - top;
  // Strokes stand on a fixed lattice, so that two neighbouring hatched boxes join.
  for (let x = Math.floor((left - fall) / 8) * 8; x < right; x += 8) {
    ctx.moveTo(x, bottom);
    ctx.lineTo(x + fall, top);
  }
  ctx.stroke();
  ctx.restore();
}

// About `count` round numbers between low and high, and how many digits they need.
export function niceTicks(low, high, count = 5) {
  const raw = (high - low) / count,
    power = 10 ** Math.floor(Math.log10(raw));
  const step = power * ([1, 2, 5].find((m) => m * power >= raw) ?? 10),
    ticks = [];
  for (let k = Math.ceil(low / step); k * step <= high; k++) ticks.push(k * step);
  return { ticks, digits: Math.max(0, -Math.floor(Math.log10(step) + 1e-9)) };
}

// One straight stroke.
export const segment = (ctx, from, to, look) => line(ctx, [from, to], look);

export function area(ctx, fill, ...corners) {
  ctx.fillStyle = fill;
  ctx.beginPath();
  for (const [x, y] of corners) ctx.lineTo(x, y);
  ctx.fill();
}

// A triangle on a level base, `tall` pixels down to its tip, or up where that is negative.
export const pointer = (ctx, [x, y], tall, fill) =>
  area(ctx, fill, [x - 6, y], [x + 6, y], [x, y + tall]);

// What can be taken hold of.
export function disc(ctx, [x, y], radius, rim) {
  ctx.beginPath();
  ctx.arc(x, y, radius, 0, 7);
  Object.assign(ctx, { fillStyle: "#fff", strokeStyle: rim, lineWidth: 2.5 });
  ctx.fill();
  ctx.stroke();
}
