"""Writes text in the shares of the mixture, for `lmz train`, from what prepare_data.py left of the corpora.

    python mixture_text.py --data DIR --tokenizer TOKENIZER.json --tokens 13e6 --out DIR [--seed 11] [--settling]

One file for every category, documents separated by NUL: documents drawn in proportion to their length, of long ones pieces.
Nothing is drawn twice while there is enough of a category.
"""

import argparse
from pathlib import Path

import numpy as np

from data import settling_tokens, training_tokens
from mixture import SHARES
from tokenizer import BytePairTokenizer


def draw(tokens, starts, wanted: float, piece: int, rng):
    """Ranges of `tokens` that hold `wanted` tokens together, without the byte 0 in front of a document."""
    ends = np.append(starts[1:], len(tokens))
    lengths = ends - starts
    is_plenty = wanted < 0.8 * len(tokens)
    seen, count = set(), 0
    while count < wanted:
        for i in rng.choice(len(starts), size=4096, p=lengths / lengths.sum()):
            start, end = int(starts[i]) + 1, int(ends[i])
            if end - start > piece:
                start += piece * int(rng.integers((end - start) // piece))
                end = min(end, start + piece)
            if is_plenty and start in seen:
                continue
            seen.add(start)
            yield start, end
            count += end - start
            if count >= wanted:
                return


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--tokenizer", required=True)
    parser.add_argument("--tokens", type=float, required=True, help="in all")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument(
        "--piece", type=int, default=1024,
        help="tokens; long pieces are too few different documents for a category (Experiments/LOG.md)",
    )  # fmt: skip
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--settling", action="store_true", help="draw from documents that train.py does not see")
    a = parser.parse_args()
    vocabulary = BytePairTokenizer.load(a.tokenizer).tokens
    rng = np.random.default_rng(a.seed)
    a.out.mkdir(parents=True, exist_ok=True)
    total = sum(SHARES.values())
    for name, share in SHARES.items():
        if a.settling:
            tokens = settling_tokens(a.data, name)
            starts = np.append(0, np.flatnonzero(tokens[1:] == 0) + 1)
        else:
            tokens, starts = training_tokens(a.data, name)
        ranges = draw(tokens, starts, share / total * a.tokens, a.piece, rng)
        texts = [b"".join(vocabulary[t] for t in tokens[start:end]) for start, end in ranges]
        (a.out / f"{name}.txt").write_bytes(b"\0".join(texts))
        print(f"{name}: {len(texts)} documents, {sum(map(len, texts))} bytes")


if __name__ == "__main__":
    main()
