"""Averages the weights of two exported models of one training run, and quantises the result.

    python average.py FIRST.safetensors SECOND.safetensors --share 0.6 --tokenizer TOKENIZER.json --out OUT.safetensors

--share is the second model's. Wortsman et al., "Model soups", 2022: weights that lie on one path of training are often better
in their middle than at either end. Metadata are those of the second.
"""

import argparse
from pathlib import Path

import torch

from export import load_exported, tensors, write_safetensors
from tokenizer import BytePairTokenizer


@torch.no_grad()
def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("first", type=Path)
    parser.add_argument("second", type=Path)
    parser.add_argument("--share", type=float, required=True)
    parser.add_argument("--tokenizer", required=True)
    parser.add_argument("--out", type=Path, required=True)
    a = parser.parse_args()
    first, _ = load_exported(a.first)
    second, metadata = load_exported(a.second)
    for p, q in zip(second.parameters(), first.parameters(), strict=True):
        p.lerp_(q, 1 - a.share)
    write_safetensors(a.out, tensors(second, BytePairTokenizer.load(a.tokenizer)), metadata)


if __name__ == "__main__":
    main()
