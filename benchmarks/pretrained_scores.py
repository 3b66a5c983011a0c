"""Do the bundled models score what their cards say, and how long do they take to load?

    python benchmarks/pretrained_scores.py [seed]      # of the pixels and the noise; 1 if not given

The card's numbers are those of seed 0; another seed draws the pixels of the 10 000 test images and
the noise anew, so the last digits may differ; those of the two CVAEs are of log p(x | y). The
course's bars: ELBO above -143 (mnist-2d), -98.7 (mnist-20d), -127.1 (mnist-cvae) and -45
(mnist-half), log p(x) of mnist-20d above -93 and of mnist-50d above -85 nats; under 50 ms to load.
It takes half an hour for each model.
"""

import statistics
import sys
import time

import torch

from course_utils.data import load
from course_utils.pretrained import NAMES, load_pretrained
from course_utils.pretrained._measure import measure
from course_utils.pretrained._train import INPUTS, RECIPES


def loading_time(name: str, rounds: int = 21) -> tuple[float, float]:
    """Milliseconds of the first load in this process, and the median of the others."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        load_pretrained(name)
        times.append(1000 * (time.perf_counter() - start))
    return times[0], statistics.median(times[1:])


def main() -> None:
    """Print a table per model."""
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    for name in NAMES:
        first, median = loading_time(name)
        print(f"{name}: first load {first:.1f} ms, then {median:.1f} ms")
    test = load("mnist").test
    x = test.binarized(generator=torch.Generator().manual_seed(seed)).images
    for name in NAMES:
        model = load_pretrained(name)
        print(f"\n{name:<18} {'card':>10} {'seed ' + str(seed):>10}")
        inputs = INPUTS[model.card.condition](x, test)
        for field, value in measure(model, RECIPES[name].temperatures, *inputs, seed=seed).items():
            print(f"{field:<18} {getattr(model.card, field):>10} {value:>10}", flush=True)


if __name__ == "__main__":
    main()
