"""How long the Monte Carlo explorer takes from an input to changed pixels, in a real JupyterLab.

Run from the repository root: python benchmarks/explorer_latency.py [events]
Inputs are dispatched inside the page, so that its own clock times both ends. "ready" is the time
until the pixels of the running estimate differ, "frame" until the screen can show them. A drag
then fires one input per frame for five seconds; "lag" is how long it goes on changing afterwards;
"same" counts inputs that left these pixels as they were, e.g. because they repeated a value.
"""

import os
import statistics
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "browser"))
from lab_in_chromium import (
    new_page,
    open_notebook,
    run_all,
    run_cell,
    running_browser,
    running_lab,
    write_notebook,
)

OPENING = "from course_utils.widgets import monte_carlo_explorer\nw = monte_carlo_explorer()\nw"
CASES = {  # name: (state, which input moves)
    "pad, n = 1,000": ("w.n = 1000", "pad"),
    "pad, n = 100,000": ("w.n = 100_000", "pad"),
    "sigma, L = 20, n = 100,000": ("w.dimension, w.n = 20, 100_000", "sigma"),
    "proposal, L = 20, n = 100,000": ("w.dimension, w.n = 20, 100_000", "proposal"),
    "n up to 100,000, L = 20": ("w.dimension, w.n = 20, 100_000", "n"),
    "seed, L = 2, n = 1,000": ("w.dimension, w.n, w.proposal = 2, 1000, 0.0", "seed"),
    "seed, L = 20, n = 100,000": ("w.dimension, w.n = 20, 100_000", "seed"),
}
GIVEN_UP_MS = 2000  # as in the loop below
MEASURE = """async ({input, events}) => {
  const root = document.querySelector('.cx'), picture = root.querySelector('.mc-running');
  const pad = root.querySelector('.mc-pad'), slider = root.querySelector(`[data-field=${input}]`);
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
  let step = 0;
  const fire = () => {
    step++;
    if (slider) {
      const share = 0.05 + 0.9 * ((0.618 * step) % 1);
      slider.value = Number(slider.min) + share * (slider.max - slider.min);
      slider.dispatchEvent(new Event('input', {bubbles: true}));
      return;
    }
    const box = pad.getBoundingClientRect(), angle = 0.13 * step;
    pad.dispatchEvent(new PointerEvent('pointermove', {bubbles: true, buttons: 1,
      clientX: box.left + box.width * (0.55 + 0.35 * Math.cos(angle)),
      clientY: box.top + box.height * (0.45 + 0.35 * Math.sin(angle))}));
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


def main(events: int = 120) -> None:
    """Measure every case and print a table."""
    with tempfile.TemporaryDirectory() as folder, running_lab(Path(folder) / "lab") as lab:
        write_notebook(lab.folder / "explorer.ipynb", OPENING, "w.state")
        with running_browser(Path(folder) / "profile") as browser, new_page(browser) as page:
            open_notebook(page, lab, "explorer.ipynb")
            run_all(page)
            print(f"{events} events a case; load {_load()}; times in ms")
            print(f"{'case':32}ready: median   p95   max  frame: p95  shown/s  lag  same")
            for name, (state, moved) in CASES.items():
                run_cell(page, 1, state)
                page.wait_for_timeout(1000)
                report(name, page.evaluate(MEASURE, {"input": moved, "events": events}))
            print(f"load {_load()}")


def report(name: str, times: dict) -> None:
    """One line of the table."""
    ready = [time for time in times["ready"] if time < GIVEN_UP_MS]
    same = len(times["ready"]) - len(ready)
    print(
        f"{name:32}{statistics.median(ready):13.1f} {_p95(ready):5.1f} {max(ready):5.1f}"
        f"{_p95(times['shown']):12.1f}{times['rate']:6.1f}/{times['fired']:.1f}{times['lag']:5.0f}{same:6}"
    )


def _p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]


def _load() -> str:
    return (
        f"{os.getloadavg()[0]:.1f} on {os.cpu_count()} cores" if hasattr(os, "getloadavg") else "?"
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
