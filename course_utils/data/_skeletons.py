"""The pen's paths for the ten digits, before any hand has bent, slanted or thickened them.

A digit is one or more strokes; a stroke is a list of points (x to the right, y down) that the pen
passes in order along a Catmull-Rom curve. A digit is about one unit high; where it sits does not
matter, since drawing centres it.
"""

import numpy as np

# Each row of points is a part of the letter form that one can name: a bow, a turn, a stem.
SKELETONS: dict[int, list[list[tuple[float, float]]]] = {
    0: [
        [(0.60, 0.03), (0.36, 0.05), (0.17, 0.26), (0.11, 0.56), (0.22, 0.88), (0.46, 0.99)]
        + [(0.72, 0.87), (0.86, 0.58), (0.83, 0.25), (0.66, 0.06), (0.50, 0.03)]
    ],
    1: [[(0.52, 0.00), (0.50, 0.33), (0.50, 0.66), (0.49, 1.00)]],
    2: [
        [(0.14, 0.22), (0.30, 0.04), (0.56, 0.02), (0.72, 0.18), (0.67, 0.42), (0.46, 0.69)]
        + [(0.22, 0.90), (0.10, 0.96), (0.20, 0.86), (0.42, 0.88), (0.62, 0.96), (0.82, 0.93)]
    ],
    3: [
        [(0.18, 0.12), (0.40, 0.01), (0.66, 0.07), (0.70, 0.26), (0.54, 0.42), (0.38, 0.47)]
        + [(0.58, 0.50), (0.76, 0.64), (0.73, 0.86), (0.48, 0.99), (0.24, 0.96), (0.12, 0.87)]
    ],
    4: [
        [(0.20, 0.06), (0.15, 0.30), (0.16, 0.47), (0.34, 0.52), (0.58, 0.48), (0.80, 0.41)],
        [(0.77, 0.02), (0.72, 0.34), (0.68, 0.66), (0.65, 1.00)],
    ],
    5: [
        [(0.73, 0.05), (0.54, 0.04), (0.36, 0.05), (0.32, 0.23), (0.28, 0.42), (0.47, 0.40)]
        + [(0.69, 0.51), (0.74, 0.71), (0.60, 0.92), (0.36, 0.98), (0.15, 0.91)]
    ],
    6: [
        [(0.66, 0.00), (0.44, 0.16), (0.28, 0.40), (0.20, 0.68), (0.30, 0.93), (0.54, 0.98)]
        + [(0.74, 0.84), (0.73, 0.63), (0.54, 0.55), (0.34, 0.64), (0.24, 0.80)]
    ],
    7: [
        [(0.13, 0.14), (0.28, 0.08), (0.52, 0.08), (0.78, 0.06)]
        + [(0.74, 0.24), (0.62, 0.48), (0.52, 0.72), (0.46, 1.00)]
    ],
    8: [
        [(0.74, 0.14), (0.56, 0.01), (0.34, 0.07), (0.28, 0.26), (0.45, 0.45), (0.64, 0.63)]
        + [(0.68, 0.85), (0.50, 0.99), (0.30, 0.92), (0.27, 0.72), (0.42, 0.51), (0.62, 0.33)]
        + [(0.74, 0.14)]
    ],
    9: [
        [(0.74, 0.16), (0.58, 0.02), (0.36, 0.08), (0.24, 0.28), (0.34, 0.46), (0.56, 0.42)]
        + [(0.72, 0.22), (0.75, 0.10), (0.73, 0.36), (0.69, 0.66), (0.63, 1.00)]
    ],
}


def segments(digit: int, per_span: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Straight pieces of a digit's strokes: their starts and their ends, (S, 2) each, float64."""
    lines = [catmull_rom(stroke, per_span) for stroke in SKELETONS[digit]]
    starts, ends = [line[:-1] for line in lines], [line[1:] for line in lines]
    return np.concatenate(starts), np.concatenate(ends)


def catmull_rom(points: list[tuple[float, float]], per_span: int) -> np.ndarray:
    """A smooth curve through every point: (per_span * (len(points) - 1) + 1, 2) vertices."""
    p = np.asarray(points)
    p = np.vstack([2 * p[0] - p[1], p, 2 * p[-1] - p[-2]])  # a neighbour beyond each end
    t = np.arange(per_span)[:, None] / per_span
    spans = [_span(*p[i : i + 4], t) for i in range(len(p) - 3)]
    return np.vstack([*spans, p[-2:-1]])


def _span(a: np.ndarray, b: np.ndarray, c: np.ndarray, d: np.ndarray, t: np.ndarray) -> np.ndarray:
    """The cubic from b (t = 0) to c (t = 1) whose slopes are those of a..c and b..d."""
    slope, bend = c - a, 2 * a - 5 * b + 4 * c - d
    return b + 0.5 * t * (slope + t * (bend + t * (d - a + 3 * (b - c))))
