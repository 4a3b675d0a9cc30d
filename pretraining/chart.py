"""Draws held-out bits per byte against tokens seen, from the log of a training run.

    python chart.py RUN/log.jsonl OUT.svg [CATEGORY ...]
"""

import json
import sys

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt

CATEGORIES = ["enwik8", "en_docs", "code", "ja_docs", "ja_wiki", "data", "markup"]


def main() -> None:
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    path, out, *categories = sys.argv[1:]
    events = [json.loads(line) for line in open(path)]
    points = [e for e in events if e["event"] == "valid"]
    points = [e for e in points if e["limit"] == points[0]["limit"]]  # the last measurement takes more
    plt.rcParams["svg.hashsalt"] = "lmz"
    figure, axes = plt.subplots(figsize=(7, 4.2))
    for category in categories or CATEGORIES:
        axes.plot([e["tokens"] / 1e6 for e in points], [e[category] for e in points], marker="o", ms=3, label=category)
    axes.set_xlabel("tokens seen, millions")
    axes.set_ylabel("held-out bits per byte")
    axes.set_ylim(bottom=0)
    axes.grid(alpha=0.3)
    axes.legend(ncols=2, fontsize=8)
    figure.tight_layout()
    figure.savefig(out, metadata={"Date": None})


if __name__ == "__main__":
    main()
