"""How long the explorers take from an input to changed pixels, in a real JupyterLab.

Run from the repository root: python benchmarks/explorer_latency.py [events [explorer ...]]
Inputs are dispatched inside the page, so that its own clock times both ends. "ready" is the time
until the pixels of one of its pictures differ, "frame" until the screen can show them. A drag then
fires one input per frame for five seconds; "lag" is how long it goes on changing afterwards;
"same" counts inputs that left these pixels as they were, e.g. because they repeated a value.
"""

import os
import statistics
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))
from lab_in_chromium import (
    new_page,
    open_notebook,
    run_all,
    run_cell,
    running_browser,
    running_lab,
    write_notebook,
)

OPENINGS = {  # name: (what Python does first, the arguments of the explorer); else nothing, none
    "latent_explorer": (
        "from course_utils.pretrained import load_pretrained",
        "load_pretrained('mnist-2d')",
    ),
    "conditional_explorer": (
        "from course_utils.pretrained import load_pretrained",
        "load_pretrained('mnist-cvae')",
    ),
    "conditional_explorer of halves": (
        "from course_utils.data import load\nfrom course_utils.pretrained import load_pretrained",
        "load_pretrained('mnist-half'), load('strokes').test",
    ),
    "rate_distortion_explorer": (
        "from course_utils.data import load\nfrom course_utils.models import VAE",
        "[VAE((8, 8), 16, (128,), 'gaussian', sigma=s / 10) for s in range(1, 6)], load('digits')",
    ),
}
# A name begins with that of the function that makes the explorer.
EXPLORERS = {  # name: (prefix of its classes, a canvas to watch, {case: (state, input that moves)})
    "monte_carlo_explorer": (
        "mc",
        ".mc-running",
        {
            "pad, n = 1,000": ("w.n = 1000", "pad"),
            "pad, n = 100,000": ("w.n = 100_000", "pad"),
            "sigma, L = 20, n = 100,000": ("w.dimension, w.n = 20, 100_000", "sigma"),
            "proposal, L = 20, n = 100,000": ("w.dimension, w.n = 20, 100_000", "proposal"),
            "n up to 100,000, L = 20": ("w.dimension, w.n = 20, 100_000", "n"),
            "seed, L = 2, n = 1,000": ("w.dimension, w.n, w.proposal = 2, 1000, 0.0", "seed"),
            "seed, L = 20, n = 100,000": ("w.dimension, w.n = 20, 100_000", "seed"),
        },
    ),
    "stroke_writer": (
        "sw",
        ".sw-pad",
        {
            "pad, an 8": ("w.digit = 8", "pad"),
            "weight, an 8": ("w.digit = 8", "weight"),
            "wobble 3, a 2": ("w.digit = 2", "wobble 3"),
        },
    ),
    "elbo_explorer": (
        "el",
        ".el-pad",
        {
            "pad, linear": ("w.model = 'linear'", "pad"),
            "pad, two roots": ("w.model = 'two roots'", "pad"),
            "a, two roots": ("w.model = 'two roots'", "a"),
        },
    ),
    "gradient_explorer": (
        "gr",
        ".gr-running",
        {
            "pad, n = 1,000": ("w.n = 1000", "pad"),
            "pad, baseline, n = 10,000": ("w.n, w.baseline = 10_000, True", "pad"),
            "sigma, sin 3z, n = 10,000": ("w.f = 'sin 3z'", "sigma"),
            "seed, n = 10,000": ("w.f = 'z^2'", "seed"),
        },
    ),
    "latent_explorer": (  # whose decoder has 534,000 weights
        "lt",
        ".lt-picture",
        {
            "pad, a code chosen": ("w.chosen = 3", "pad"),
            "t, between two codes": ("w.other, w.mode = 9, 'interpolate'", "t"),
        },
    ),
    "conditional_explorer": (  # ten pictures, by a decoder of 269,000 weights
        "lt",
        ".cd-row label:last-child canvas",
        {
            "pad, all ten": ("w.digit = 3", "pad"),
            "pad, a code chosen": ("w.chosen = 3", "pad"),
        },
    ),
    "conditional_explorer of halves": (  # 64 completions, by a decoder of 200,000 weights
        "cd",
        ".cd-mean",
        {"spread, a picked half": ("w.left = 3", "spread")},
    ),
    "rate_distortion_explorer": ("rd", ".rd-decoded", {"network": ("w.image = 3", "model")}),
}
GIVEN_UP_MS = 2000  # as in the loop below
MEASURE = """async ({prefix, watched, input, events}) => {
  const root = document.querySelector('.cx'), picture = root.querySelector(watched);
  const pad = root.querySelector(`.${prefix}-pad`);
  const slider = root.querySelector(`[data-field="${input}"]`);
  root.scrollIntoView({block: 'center'});
  const small = new OffscreenCanvas(160, 90).getContext('2d', {willReadFrequently: true});
  const pixels = () => {
    small.clearRect(0, 0, 160, 90);
    small.drawImage(picture, 0, 0, 160, 90);
    let hash = 7;
    for (const word of new Uint32Array(small.getImageData(0, 0, 160, 90).data.buffer))
      hash = (hash * 31 + word) | 0;
    return hash;
  };
  const frame = () => new Promise(requestAnimationFrame);
  const wait = ms => new Promise(done => setTimeout(done, ms));
  let step = 0, pressed = false;
  const fire = () => {
    step++;
    if (slider) {
      const share = 0.05 + 0.9 * ((0.618 * step) % 1);
      slider.value = Number(slider.min) + share * (slider.max - slider.min);
      slider.dispatchEvent(new Event('input', {bubbles: true}));
      return;
    }
    const box = pad.getBoundingClientRect(), angle = 0.13 * step;
    const point = {bubbles: true, buttons: 1,
      clientX: box.left + box.width * (0.55 + 0.35 * Math.cos(angle)),
      clientY: box.top + box.height * (0.45 + 0.35 * Math.sin(angle))};
    if (!pressed) pad.dispatchEvent(new PointerEvent('pointerdown', point));
    pressed = true;
    pad.dispatchEvent(new PointerEvent('pointermove', point));
  };
  const ready = [], shown = [];
  for (let i = 0; i < events; i++) {
    await wait(60 + 30 * Math.random());
    await frame();
    const before = pixels(), start = performance.now();
    fire();
    while (pixels() === before && performance.now() - start < 2000) await wait(0);
    ready.push(performance.now() - start);
    await frame();
    shown.push(performance.now() - start);
  }
  let last = pixels(), changes = 0, fired = 0;
  const start = performance.now(), seconds = () => (performance.now() - start) / 1000;
  while (seconds() < 5) {
    fire(); fired++;
    await frame();
    const now = pixels();
    changes += now !== last;
    last = now;
  }
  const end = performance.now();
  let quiet = end;
  while (performance.now() - quiet < 500) {
    await frame();
    const now = pixels();
    if (now !== last) quiet = performance.now();
    last = now;
  }
  return {ready, shown, rate: changes / 5, fired: fired / 5, lag: quiet - end};
}"""


def main(events: int = 120, *names: str) -> None:
    """Measure every case of the explorers named, or of all, and print a table for each."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running_lab(Path(folder) / "lab") as lab,
        running_browser() as browser,
    ):
        for name in names or EXPLORERS:
            with new_page(browser) as page:
                measure(page, lab, name, events)


def measure(page, lab, name: str, events: int) -> None:
    """The table of one explorer, in a notebook of its own."""
    prefix, watched, cases = EXPLORERS[name]
    setup, given = OPENINGS.get(name, ("", ""))
    maker = name.split()[0]
    opening = f"from course_utils.widgets import {maker}\n{setup}\nw = {maker}({given})\nw"
    write_notebook(lab.folder / f"{name}.ipynb", opening, "w.state")
    open_notebook(page, lab, f"{name}.ipynb")
    run_all(page)
    print(f"{name}: {events} events a case; load {load()}; times in ms")
    print(f"{'case':32}ready: median   p95   max  frame: p95  shown/s  lag  same")
    for case, (state, moved) in cases.items():
        run_cell(page, 1, state)
        page.wait_for_timeout(1000)
        asked = {"prefix": prefix, "watched": watched, "input": moved, "events": events}
        report(case, page.evaluate(MEASURE, asked))
    print(f"load {load()}")


def report(name: str, times: dict) -> None:
    """One line of the table."""
    ready = [time for time in times["ready"] if time < GIVEN_UP_MS]
    same = len(times["ready"]) - len(ready)
    print(
        f"{name:32}{statistics.median(ready):13.1f} {p95(ready):5.1f} {max(ready):5.1f}"
        f"{p95(times['shown']):12.1f}{times['rate']:6.1f}/{times['fired']:.1f}"
        f"{times['lag']:5.0f}{same:6}"
    )


def p95(times: list[float]) -> float:
    """The time that one in twenty is above."""
    return statistics.quantiles(times, n=20)[-1]


def load() -> str:
    """The system's load, for a table's head."""
    return (
        f"{os.getloadavg()[0]:.1f} on {os.cpu_count()} cores" if hasattr(os, "getloadavg") else "?"
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]), *sys.argv[2:])
