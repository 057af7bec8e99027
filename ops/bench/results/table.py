"""Prints the rows that row.sh has made as the table of docs/results.md, one line for each directory given.

    python3 ops/bench/results/table.py results/baseline results/scone-500k
"""

import json
import pathlib
import sys

HEAD = (
    "| row | held-out perplexity | to the first row | WikiText-103 a token | a word | MFLOP a token |"
    " parameters on the accelerator | rows | table MB | match rate | match length | training tokens/s |"
)


def read(row, name):
    file = row / f"{name}.json"
    return json.loads(file.read_text()) if file.exists() else None


def evaluation(row, name):
    """Returns the evaluation with the row's own rows: those of its f-grams, or none in a baseline."""
    results = read(row, name)
    results = results if isinstance(results, list) else [results]
    return next(each for each in results if each["rows"] in ("on", "none"))


def line(row, first):
    train = read(row, "train")
    table = read(row, "precompute")
    checkpoint = row / "run" / pathlib.Path(train["checkpoint"]).name  # wherever the row was made
    shape = json.loads((checkpoint / "model.json").read_text())["main"]
    held_out = evaluation(row, "held-out")
    wikitext = evaluation(row, "wikitext")
    # Every weight but the position embeddings is multiplied once; the token embedding as the output layer.
    flops = 2 * (train["main_parameters"] - shape["context"] * shape["dim"])
    rows = table["rows"] if table else 0
    cells = [
        row.name,
        f"{held_out['token_perplexity']:.2f}",
        f"{100 * (held_out['token_perplexity'] / first - 1):+.1f} %",
        f"{wikitext['token_perplexity']:.2f}",
        f"{wikitext['word_perplexity']:.2f}",
        f"{flops / 1e6:.1f}",
        f"{train['main_parameters']:,}",
        f"{rows:,}",
        f"{rows * table['row_bytes'] / 1e6:,.0f}" if table else "0",
        f"{held_out['match_rate']:.3f}" if table else "",
        f"{held_out['mean_match_length']:.2f}" if table else "",
        f"{train['tokens_per_second']:,.0f}",
    ]
    return "| " + " | ".join(cells) + " |"


def main():
    rows = [pathlib.Path(each) for each in sys.argv[1:]]
    first = evaluation(rows[0], "held-out")["token_perplexity"]
    print(HEAD)
    print("|" + "---|" * (HEAD.count("|") - 1))
    for row in rows:
        print(line(row, first))


if __name__ == "__main__":
    main()
