"""Draws the rows that row.sh has made: the training loss by tokens, and the perplexity on held-out text of each row.

    python3 ops/bench/results/chart.py docs/results.png results/baseline results/scone-500k

It needs matplotlib (Debian: python3-matplotlib).
"""

import json
import pathlib
import sys

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot

from table import evaluation

SMOOTH = 8  # log lines, of which each is a mean already


def losses(row):
    lines = [json.loads(line) for line in (row / "run" / "log.jsonl").read_text().splitlines()]
    lines = [line for line in lines if "loss" in line]
    tokens = [line["tokens"] / 1e6 for line in lines]
    values = [line["loss"] for line in lines]
    means = [sum(values[max(0, i - SMOOTH + 1) : i + 1]) / min(i + 1, SMOOTH) for i in range(len(values))]
    return tokens[SMOOTH:], means[SMOOTH:]


def main():
    picture = sys.argv[1]
    rows = [pathlib.Path(each) for each in sys.argv[2:]]
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(14, 5))
    for row in rows:
        left.plot(*losses(row), label=row.name, linewidth=1)
    left.set_ylim(top=4.6)
    left.set_xlabel("million tokens")
    left.set_ylabel("training loss, nats a token")
    left.legend(loc="lower left", fontsize="x-small", ncol=2)
    perplexities = [evaluation(row, "held-out")["token_perplexity"] for row in rows]
    right.barh([row.name for row in rows], perplexities)
    right.invert_yaxis()
    right.set_xlim(left=0.8 * min(perplexities))  # differences are what is looked for
    for i, perplexity in enumerate(perplexities):
        right.text(perplexity, i, f" {perplexity:.2f}", va="center")
    right.set_xlabel("perplexity on held-out text, through bundle and cache server")
    figure.tight_layout()
    figure.savefig(picture, dpi=90)


if __name__ == "__main__":
    main()
