"""Training windows drawn from the categories' token arrays in the shares of the mixture."""

import json
from pathlib import Path

import numpy as np

from mixture import SHARES

# The last documents of every category, which n-grams are not counted in: what is learned beside them needs text that they do
# not know by heart.
RESERVED = 0.02


class Category:
    """Windows of one category without replacement; each pass over it starts at another offset."""

    def __init__(self, folder: Path, name: str, length: int, rng):
        self.tokens = np.load(folder / f"{name}.npy", mmap_mode="r")
        self.starts = np.load(folder / f"{name}.starts.npy")
        self.length, self.rng, self.order = length, rng, np.array([], dtype=np.int64)

    def next(self, from_start: bool) -> np.ndarray:
        last = len(self.tokens) - self.length - 1
        if from_start:
            i = min(int(self.starts[self.rng.integers(len(self.starts))]), last)
        else:
            if len(self.order) == 0:
                offset = int(self.rng.integers(self.length))
                self.order = self.rng.permutation(np.arange(offset, last, self.length))
            i, self.order = int(self.order[-1]), self.order[:-1]
        return np.asarray(self.tokens[i : i + self.length + 1], dtype=np.int64)


class Batches:
    """Endless batches [rows, length + 1]. `document_starts` is the share of windows that begin with a document."""

    def __init__(self, folder: Path, rows: int, length: int, seed: int, document_starts: float = 0.08):
        self.rng = np.random.default_rng(seed)
        self.rows, self.document_starts = rows, document_starts
        names = [name for name in SHARES if (folder / f"{name}.npy").exists()]
        self.categories = [Category(folder, name, length, self.rng) for name in names]
        share = np.array([SHARES[name] for name in names])
        self.shares = share / share.sum()

    def next(self) -> np.ndarray:
        chosen = self.rng.choice(len(self.categories), size=self.rows, p=self.shares)
        return np.stack([self.categories[i].next(self.rng.random() < self.document_starts) for i in chosen])


def heldout(folder: Path) -> dict[str, dict[str, tuple[np.ndarray, int]]]:
    """category -> name -> (tokens with the leading byte 0, bytes)."""
    index = json.loads((folder / "index.json").read_text())
    sets: dict[str, dict[str, tuple[np.ndarray, int]]] = {}
    for name, entry in index.items():
        tokens = np.load(folder / f"{name}.npy").astype(np.int64)
        sets.setdefault(name.split("__")[0], {})[name] = (tokens, entry["bytes"])
    return sets


def _split(folder: Path, name: str) -> tuple[np.ndarray, np.ndarray]:
    """A category's tokens without, and of, its reserved documents."""
    tokens = np.load(folder / "train" / f"{name}.npy")
    starts = np.load(folder / "train" / f"{name}.starts.npy")
    cut = int(starts[min(int((1 - RESERVED) * len(starts)), len(starts) - 1)])
    return tokens[:cut], tokens[cut:]


def counted_tokens(folder: Path) -> list[np.ndarray]:
    """The tokens of every category but those of reserved documents."""
    return [_split(folder, name)[0] for name in SHARES]


def reserved_tokens(folder: Path, name: str) -> np.ndarray:
    return _split(folder, name)[1]
