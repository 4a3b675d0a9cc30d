"""Draws samples of the training corpora for what the context models begin with (Benchmarks/Mixing/README.md) and for ngrams.py.

    python samples.py --data DIR --tokenizer TOKENIZER.json --out DIR [--binaries FILE...]

Text: three draws of pieces of 256 bytes to 64 KiB, most from the start of a document, all of tokens that neither models nor
n-grams were made from: one of 330 in the shares of the mixture, then two with more of what files are made of that lmz is used for.
Binaries: three pieces of each file, 8, 32 and 128 KiB. The same seeds draw the same pieces.
"""

import argparse
import random
from pathlib import Path

from data import sample_tokens
from mixture import SHARES
from tokenizer import BytePairTokenizer


# Pieces of each category by the draw's seed.
DRAWS = {
    5: {category: max(8, int(share * 330)) for category, share in SHARES.items()},
    6: {
        "code": 140,
        "data": 60,
        "markup": 50,
        "en_docs": 60,
        "ja_docs": 50,
        "ja_blog": 20,
        "en_mail": 20,
        "xx_docs": 40,
        "ja_wiki": 20,
        "enwik8_first90MB": 40,
        "en_books": 20,
        "ja_books": 15,
        "eu_books": 10,
        "en_encyc": 15,
        "ja_html": 15,
        "ja_law": 8,
    },
    7: {
        "code": 200,
        "data": 80,
        "markup": 60,
        "en_docs": 60,
        "ja_docs": 50,
        "ja_blog": 15,
        "en_mail": 20,
        "xx_docs": 40,
    },
}


def text_piece(documents: bytes, category: str) -> bytes:
    size = min(int(2 ** random.uniform(8, 16)), len(documents) - 3)
    start = random.randrange(len(documents) - size - 2)
    if random.random() < 0.7:
        end = documents.find(b"\0", start)
        if 0 < end < len(documents) - size:
            start = end + 1
    piece = documents[start : start + size]
    # enwik8 has no documents.
    if category != "enwik8_first90MB" and piece.find(b"\0") > 200:
        piece = piece[: piece.index(b"\0")]
    return piece


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True, help="what prepare_data.py wrote")
    parser.add_argument("--tokenizer", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--binaries", type=Path, nargs="*", default=[])
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    vocabulary = BytePairTokenizer.load(arguments.tokenizer).tokens
    documents = {
        category: b"".join(vocabulary[t] for t in sample_tokens(arguments.data, category))
        for category in SHARES
    }
    for seed, pieces in DRAWS.items():
        random.seed(seed)
        for category, count in pieces.items():
            for i in range(count):
                piece = text_piece(documents[category], category)
                if len(piece) >= 100:
                    (arguments.out / f"{seed}-{category}_{i}").write_bytes(piece)
    for number, path in enumerate(arguments.binaries):
        content = path.read_bytes()
        for k, size in enumerate((8 << 10, 32 << 10, 128 << 10)):
            piece = content[(k + 1) * size : (k + 2) * size]
            if piece:
                (arguments.out / f"binary_{number}_{k}").write_bytes(piece)


if __name__ == "__main__":
    main()
