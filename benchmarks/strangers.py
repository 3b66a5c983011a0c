"""What the checks say of answers that somebody wrote without knowing the pages of slips.

    python benchmarks/strangers.py answers.py            # the shares, and what got no hint
    python benchmarks/strangers.py answers.py --all      # every answer with its hint, to read

answers.py holds `ANSWERS`, a list of dict(id="E2.1", right=False, slip="what is wrong, in words",
answer=a_function). Ask two people who have not seen `course_utils/exercises/text/` for 150 each,
most of them wrong in a natural way, and a third whether each hint fits its answer. Expected of
new answers: a hint for 90 % of the refused, no wrong one accepted, no right one refused.
"""

import argparse
import runpy
import sys
from collections import Counter

from course_utils.exercises import verdict


def judged(entry: dict) -> tuple[str, str]:
    """Which of the six kinds an answer is, and a line about it."""
    found = verdict(entry["id"], entry["answer"])
    meant = "right" if entry["right"] else "wrong"
    kind = "accepted" if found.status == "right" else "with a hint" if found.hint else "without one"
    words = " ".join(f"{found.says} | {found.mistake} | {found.hint}".split())
    return f"{meant}, {kind}", f"{entry['id']}: {entry['slip']} | {words}"


def main() -> int:
    """Judge all answers of a file; 1 if a wrong one was accepted or a right one refused."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("answers")
    parser.add_argument("--all", action="store_true", help="show those with a hint, too")
    options = parser.parse_args()
    kinds: Counter = Counter()
    for entry in runpy.run_path(options.answers)["ANSWERS"]:
        kind, line = judged(entry)
        kinds[kind] += 1
        if options.all or kind not in ("right, accepted", "wrong, with a hint"):
            print(f"[{kind}] {line}")
    refused = kinds["wrong, with a hint"] + kinds["wrong, without one"]
    print(dict(kinds))
    print(f"of the refused {kinds['wrong, with a hint'] / max(refused, 1):.1%} got a hint")
    false = ("wrong, accepted", "right, with a hint", "right, without one")
    return int(any(kinds[kind] for kind in false))


if __name__ == "__main__":
    sys.exit(main())
