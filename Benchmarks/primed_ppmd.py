"""What PPMd makes of files when it has first seen 10 MB of lmz's training corpora: the honest peer of a pre-trained coder.

    python Benchmarks/primed_ppmd.py --raw DIR [--head BYTES] FILE...      (needs pyppmd; DIR as in pretraining/README.md)

A file costs what the primer and the file take together, less what the primer takes alone.
"""

import argparse
import random
import sys
from pathlib import Path

import pyppmd

sys.path.insert(0, str(Path(__file__).parent.parent / "pretraining"))
from mixture import SHARES  # noqa: E402

ORDERS = (6, 16)


def primer(raw: Path, size: int = 10_000_000) -> bytes:
    """Pieces of 20 KB in the shares of the mixture, shuffled."""
    random.seed(1)
    pieces = []
    for category, share in SHARES.items():
        text = (raw / f"{category}.txt").read_bytes()
        for _ in range(round(size * share / sum(SHARES.values()) / 20_000)):
            start = random.randrange(max(1, len(text) - 20_000))
            pieces.append(text[start : start + 20_000])
    random.shuffle(pieces)
    return b"".join(pieces)


def compressed(content: bytes, order: int) -> int:
    return len(pyppmd.compress(content, max_order=order, mem_size=1 << 30))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--raw", type=Path, required=True)
    parser.add_argument("--head", type=int)
    parser.add_argument("files", type=Path, nargs="+")
    arguments = parser.parse_args()
    first = primer(arguments.raw)
    alone = {order: compressed(first, order) for order in ORDERS}
    print("| file | bytes | " + " | ".join(f"PPMd o{order}, primed" for order in ORDERS) + " |")
    print("|---|---:|" + "---:|" * len(ORDERS))
    for path in arguments.files:
        content = path.read_bytes()[: arguments.head]
        costs = [compressed(first + content, order) - alone[order] for order in ORDERS]
        print(f"| {path.name} | {len(content)} | " + " | ".join(map(str, costs)) + " |", flush=True)


if __name__ == "__main__":
    main()
