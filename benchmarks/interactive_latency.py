"""How long does the usual way take: a slider of `interactive`, and a matplotlib figure behind it?

Run from the repository root: python benchmarks/interactive_latency.py [events]
To stand beside explorer_latency.py: the same page, the same clock, and the picture that notebook 02
would show without its explorer, 1000 draws of q and the running average of their weights. "ready"
is the time from a key on the slider until another figure is loaded.
"""

import statistics
import sys
import tempfile
from pathlib import Path

from explorer_latency import GIVEN_UP_MS, load, p95
from lab_in_chromium import (
    new_page,
    open_notebook,
    run_all,
    running_browser,
    running_lab,
    write_notebook,
)

CELL = """import matplotlib.pyplot as plt
import torch
from ipywidgets import FloatSlider, interactive

from course_utils.densities import log_normal
from course_utils.toys import LinearGaussian

model, x = LinearGaussian([[1.5]], [0.3], 0.5), torch.tensor([[2.0]], dtype=torch.float64)
eps = torch.randn(1000, 1, 1, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def show(sigma):
    z, zero = sigma * eps, torch.zeros(1, 1, dtype=torch.float64)
    log_q = log_normal(z, zero, zero + 2 * torch.tensor(sigma).log())
    log_w = (model.log_likelihood(x, z) + model.log_prior(z) - log_q)[:, 0]
    running = log_w.logcumsumexp(dim=0) - torch.arange(1, 1001).log()
    figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3))
    left.scatter(z.flatten(), log_w.exp(), s=4)
    right.semilogx(range(1, 1001), running)
    right.axhline(model.log_px(x).item())
    plt.show()


interactive(show, sigma=FloatSlider(value=1.0, min=0.1, max=3.0, step=0.01))"""
MEASURE = """async ({events}) => {
  const handle = document.querySelector('.noUi-handle'), ready = [];
  const figure = () => [...document.querySelectorAll('.jp-OutputArea img')].at(-1);
  const wait = ms => new Promise(done => setTimeout(done, ms));
  for (let i = 0; i < events; i++) {
    await wait(200);
    const before = figure()?.src, start = performance.now();
    handle.dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowRight', bubbles: true}));
    const same = () => !figure() || figure().src === before || !figure().complete;
    while (same() && performance.now() - start < 2000) await wait(0);
    ready.push(performance.now() - start);
    if (ready.at(-1) >= 2000) await wait(2000);  // a late figure is no later event's
  }
  return ready;
}"""


def main(events: int = 40) -> None:
    """Measure and print a line."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running_lab(Path(folder) / "lab") as lab,
        running_browser() as browser,
        new_page(browser) as page,
    ):
        write_notebook(lab.folder / "interactive.ipynb", CELL)
        open_notebook(page, lab, "interactive.ipynb")
        run_all(page)
        page.locator(".noUi-handle").first.wait_for()
        page.wait_for_timeout(2000)
        times = page.evaluate(MEASURE, {"events": events})
        ready = [time for time in times if time < GIVEN_UP_MS]
        if len(ready) < 2:
            sys.exit(f"{len(ready)} of {events} events changed the figure; is the slider there?")
        print(
            f"interactive + matplotlib: {len(ready)} of {events} events; load {load()}; "
            f"ready: median {statistics.median(ready):.0f}, p95 {p95(ready):.0f}, "
            f"max {max(ready):.0f} ms"
        )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
