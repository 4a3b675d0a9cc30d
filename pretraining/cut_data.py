"""The arrays of prepare_data.py in the vocabulary of a cut tokenizer, exactly as prepare_data.py would have made them.

    python cut_data.py --data DIR --tokenizer TOKENIZER.json --cut TOKENIZER-NANO.json --out DIR
"""

import argparse
import shutil
from pathlib import Path

import numpy as np

from cut_vocabulary import TokenParts
from tokenizer import BytePairTokenizer


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--tokenizer", required=True)
    parser.add_argument("--cut", required=True)
    parser.add_argument("--out", type=Path, required=True)
    a = parser.parse_args()
    parts = TokenParts(BytePairTokenizer.load(a.tokenizer), BytePairTokenizer.load(a.cut))
    for path in sorted(a.data.rglob("*.npy")):
        if path.name.endswith(".starts.npy"):
            continue
        target = a.out / path.relative_to(a.data)
        target.parent.mkdir(parents=True, exist_ok=True)
        tokens, begins = parts.taken_apart(np.load(path))
        np.save(target, tokens)
        starts = path.with_suffix(".starts.npy")
        if starts.exists():
            np.save(target.with_suffix(".starts.npy"), begins[np.load(starts)])
    if (a.data / "valid").exists():
        shutil.copy(a.data / "valid" / "index.json", a.out / "valid" / "index.json")


if __name__ == "__main__":
    main()
