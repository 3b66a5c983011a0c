"""The pen's paths for the ten digits, before any hand has bent, slanted or thickened them.

A digit is one or more strokes; a stroke is a list of points (x to the right, y down) that the pen
passes in order along a Catmull-Rom curve. A digit is about one unit high; where it sits does not
matter, since drawing centres it. Points are written as in a polyline of SVG, in hundredths.
"""

import numpy as np

PATHS = (  # of the digits 0 to 9, a bar between two strokes
    "60,3 36,5 17,26 11,56 22,88 46,99 72,87 86,58 83,25 66,6 50,3",
    "52,0 50,33 50,66 49,100",
    "14,22 30,4 56,2 72,18 67,42 46,69 22,90 10,96 20,86 42,88 62,96 82,93",
    "18,12 40,1 66,7 70,26 54,42 38,47 58,50 76,64 73,86 48,99 24,96 12,87",
    "20,6 15,30 16,47 34,52 58,48 80,41 | 77,2 72,34 68,66 65,100",
    "73,5 54,4 36,5 32,23 28,42 47,40 69,51 74,71 60,92 36,98 15,91",
    "66,0 44,16 28,40 20,68 30,93 54,98 74,84 73,63 54,55 34,64 24,80",
    "13,14 28,8 52,8 78,6 74,24 62,48 52,72 46,100",
    "74,14 56,1 34,7 28,26 45,45 64,63 68,85 50,99 30,92 27,72 42,51 62,33 74,14",
    "74,16 58,2 36,8 24,28 34,46 56,42 72,22 75,10 73,36 69,66 63,100",
)


def _points(stroke: str) -> list[tuple[float, float]]:
    pairs = (point.split(",") for point in stroke.split())
    return [(int(x) / 100, int(y) / 100) for x, y in pairs]


SKELETONS = {digit: [*map(_points, path.split("|"))] for digit, path in enumerate(PATHS)}


def segments(digit: int, per_span: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Straight pieces of a digit's strokes: their starts and their ends, (S, 2) each, float64."""
    lines = [catmull_rom(stroke, per_span) for stroke in SKELETONS[digit]]
    starts, ends = [line[:-1] for line in lines], [line[1:] for line in lines]
    return np.concatenate(starts), np.concatenate(ends)


def catmull_rom(points: list[tuple[float, float]], per_span: int) -> np.ndarray:
    """A smooth curve through every point: (per_span * (len(points) - 1) + 1, 2) vertices."""
    p = np.asarray(points)
    p = np.vstack([2 * p[0] - p[1], p, 2 * p[-1] - p[-2]])  # a neighbour beyond each end
    a, b, c, d = (p[i : i + len(points) - 1, None] for i in range(4))  # (spans, 1, 2)
    t = np.arange(per_span)[:, None] / per_span
    # Cubics from b (t = 0) to c (t = 1) whose slopes are those of a..c and b..d.
    slope, bend = c - a, 2 * a - 5 * b + 4 * c - d
    spans = b + 0.5 * t * (slope + t * (bend + t * (d - a + 3 * (b - c))))  # (spans, per_span, 2)
    return np.vstack([spans.reshape(-1, 2), p[-2:-1]])
