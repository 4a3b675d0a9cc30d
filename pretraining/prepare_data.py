"""Turns the raw corpora into token arrays for training, and the held-out files into token arrays for evaluation.

Reads <raw>/<category>.txt (documents separated by NUL). Drops documents that repeat what an earlier document said and
documents that share their lines with a held-out file, shuffles the documents, and writes

    <out>/train/<category>.npy     uint16 tokens, every document preceded by byte 0
    <out>/train/<category>.starts.npy   int64 index of the first token (the byte 0) of each document
    <out>/valid/<name>.npy + bytes in <out>/valid/index.json

    python prepare_data.py --raw DIR --heldout DIR --tokenizer TOKENIZER.json --out DIR
"""

import argparse
import hashlib
import json
import random
from pathlib import Path

import numpy as np

from mixture import SHARES
from tokenizer import BytePairTokenizer

LONG_LINE = 40  # bytes; shorter lines repeat by chance
SEPARATOR = b"\0"
VALID_ENWIK8 = "enwik8_valid5MB.txt"
VALID_ENWIK8_BYTES = 1_000_000


def fingerprints(document: bytes) -> list[bytes]:
    """8-byte hashes of the document's long lines; of 200-byte pieces where it has no lines."""
    lines = [s for s in (line.strip() for line in document.split(b"\n")) if len(s) >= LONG_LINE]
    if not lines:
        lines = [document[i : i + 200] for i in range(0, len(document), 200)]
    return [hashlib.blake2b(line, digest_size=8).digest() for line in lines]


def select(documents: list[bytes], seen: set[bytes], heldout: set[bytes]) -> tuple[list[bytes], dict]:
    """Keeps a document unless most of its lines are in `heldout`, or nearly all were seen in earlier documents."""
    kept, repeated, leaked = [], 0, 0
    for document in documents:
        if not document.strip():
            continue
        marks = fingerprints(document)
        if sum(m in heldout for m in marks) > 0.5 * len(marks):
            leaked += 1
        elif sum(m in seen for m in marks) > 0.8 * len(marks):
            repeated += 1
        else:
            kept.append(document)
            seen.update(marks)
    return kept, {"kept": len(kept), "repeated": repeated, "leaked": leaked}


def encode_documents(tokenizer: BytePairTokenizer, documents: list[bytes]):
    """One array with byte 0 in front of every document, and where each begins."""
    arrays, starts, position = [], [], 0
    for i in range(0, len(documents), 256):
        texts = [(SEPARATOR + d).decode("utf-8", "ignore") for d in documents[i : i + 256]]
        for ids in tokenizer.encode_batch(texts):
            arrays.append(ids)
            starts.append(position)
            position += len(ids)
    return np.concatenate(arrays), np.array(starts, dtype=np.int64)


def cut(document: bytes, size: int = 1 << 20) -> list[bytes]:
    """Pieces of about `size` bytes, cut at line ends, so that one huge document is encoded in parallel."""
    pieces, i = [], 0
    while len(document) - i > size:
        end = document.rfind(b"\n", i, i + size) + 1 or i + size
        pieces.append(document[i:end])
        i = end
    return [*pieces, document[i:]]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--raw", type=Path, required=True)
    parser.add_argument("--heldout", type=Path, required=True, help="corpora/dev")
    parser.add_argument("--tokenizer", required=True)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    tokenizer = BytePairTokenizer.load(arguments.tokenizer)
    for part in ("train", "valid"):
        (arguments.out / part).mkdir(parents=True, exist_ok=True)

    index = {}
    files = {p.stem: p.read_bytes() for p in sorted((arguments.heldout / "heldout").glob("*.txt"))}
    files["enwik8"] = (arguments.heldout / VALID_ENWIK8).read_bytes()[:VALID_ENWIK8_BYTES]
    marks: set[bytes] = set()
    for path in sorted(p for p in arguments.heldout.rglob("*") if p.is_file()):
        marks.update(fingerprints(path.read_bytes()))
    for name, data in files.items():
        tokens = tokenizer.encode((SEPARATOR + data).decode("utf-8", "ignore"))
        np.save(arguments.out / "valid" / f"{name}.npy", tokens)
        index[name] = {"bytes": len(data), "tokens": len(tokens) - 1}
    (arguments.out / "valid" / "index.json").write_text(json.dumps(index, indent=1))

    seen: set[bytes] = set()
    rng = random.Random(0)
    for category in SHARES:
        data = (arguments.raw / f"{category}.txt").read_bytes()
        if category.startswith("enwik8"):
            documents, counts = cut(data), {"pieces": 1}
        else:
            documents, counts = select(data.split(SEPARATOR), seen, marks)
            rng.shuffle(documents)
        tokens, starts = encode_documents(tokenizer, documents)
        np.save(arguments.out / "train" / f"{category}.npy", tokens)
        np.save(arguments.out / "train" / f"{category}.starts.npy", starts)
        size = sum(map(len, documents))
        print(f"{category}\t{counts}\t{size} bytes\t{len(tokens)} tokens\t{size / len(tokens):.3f}", flush=True)


if __name__ == "__main__":
    main()
