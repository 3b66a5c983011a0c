"""How long does the writer of digits take? The course's bar: 10 000 images in under 1.5 s.

    python benchmarks/strokes.py                # with one and with two threads
    python benchmarks/strokes.py --chunks       # why images are drawn 64 at a time

Times are the best of some rounds, since other programs only ever add to them. On two shared cores:
0.5 s with one thread and 0.6 s with two while the second core was busy, since threads wait for each
other.
"""

import argparse
import time

import torch

from course_utils import strokes

N = 10_000


def best_time(rounds: int) -> tuple[float, float]:
    """Seconds to sample and to draw N images: wall clock, and processor time of all threads."""
    times = []
    for seed in range(rounds):
        wall, processor = time.perf_counter(), time.process_time()
        strokes.draw(strokes.sample_factors(N, generator=torch.Generator().manual_seed(seed)))
        times.append((time.perf_counter() - wall, time.process_time() - processor))
    return min(times)


def main() -> None:
    """Print a line per number of threads and size of chunk."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--chunks", action="store_true", help="try other sizes of chunk too")
    options = parser.parse_args()
    for threads in (1, 2):
        torch.set_num_threads(threads)
        for chunk in (8, 16, 32, 64, 128, 256) if options.chunks else (strokes.CHUNK,):
            strokes.CHUNK = chunk
            wall, processor = best_time(options.rounds)
            print(
                f"{N} images, {threads} thread(s), chunks of {chunk}: "
                f"{wall:.2f} s ({processor:.2f} s of processor time)",
                flush=True,
            )


if __name__ == "__main__":
    main()
