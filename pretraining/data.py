"""Training windows drawn from the categories' token arrays in the shares of the mixture."""

import json
from pathlib import Path

import numpy as np
import torch

from mixture import SHARES

# The last documents of every category, which train.py does not see and no n-grams are counted in. A model that has seen all
# other text many times is too sure of itself: the first half of these tokens settles it, the second is for what is learned
# beside model and n-grams.
RESERVED = 0.02


class Category:
    """Windows of one category without replacement; each pass over it starts at another offset."""

    def __init__(self, first: int, size: int, starts: np.ndarray, length: int, rng):
        """`first`: where its tokens begin among all; `starts`: of its documents, counted from there."""
        self.first, self.last, self.starts = first, size - length - 1, starts
        self.length, self.rng, self.order = length, rng, np.array([], dtype=np.int64)

    def next(self, from_start: bool) -> int:
        """The position of a window among all tokens."""
        if from_start:
            return self.first + min(int(self.starts[self.rng.integers(len(self.starts))]), self.last)
        if len(self.order) == 0:
            offset = int(self.rng.integers(self.length))
            self.order = self.rng.permutation(np.arange(offset, self.last, self.length))
        i, self.order = int(self.order[-1]), self.order[:-1]
        return self.first + i


class Batches:
    """Endless batches [rows, length + 1], int64, of documents that are not reserved. The tokens lie in the device's memory.

    `document_starts` is the share of windows that begin with a document. `settling`: of reserved documents instead, of those that
    settling_tokens gives; categories with less text than a window are left out.
    """

    def __init__(
        self,
        folders: list[Path],
        rows: int,
        length: int,
        seed: int,
        device="cpu",
        shares: dict[str, float] = SHARES,
        document_starts: float = 0.08,
        settling: bool = False,
    ):
        self.rng = np.random.default_rng(seed)
        self.rows, self.document_starts = rows, document_starts
        names = [name for name in shares if (folders[0] / "train" / f"{name}.npy").exists()]
        tokens, self.categories, first = [], [], 0
        for name in list(names):
            counted, starts, reserved, reserved_starts = _split(folders, name)
            if settling:
                counted = _first_half(reserved)
                starts = reserved_starts[reserved_starts < len(counted)]
            if len(counted) < length + 2:
                names.remove(name)
                continue
            self.categories.append(Category(first, len(counted), starts, length, self.rng))
            tokens.append(counted.astype(np.int16))
            first += len(counted)
        self.tokens = torch.from_numpy(np.concatenate(tokens)).to(device)
        self.offsets = torch.arange(length + 1, device=device)
        share = np.array([shares[name] for name in names])
        self.shares = share / share.sum()

    def next(self) -> torch.Tensor:
        chosen = self.rng.choice(len(self.categories), size=self.rows, p=self.shares)
        positions = [self.categories[i].next(self.rng.random() < self.document_starts) for i in chosen]
        positions = torch.tensor(positions).to(self.offsets.device, non_blocking=True)
        return self.tokens[positions[:, None] + self.offsets].long()


def heldout(folder: Path) -> dict[str, dict[str, tuple[np.ndarray, int]]]:
    """category -> name -> (tokens with the leading byte 0, bytes)."""
    index = json.loads((folder / "index.json").read_text())
    sets: dict[str, dict[str, tuple[np.ndarray, int]]] = {}
    for name, entry in index.items():
        tokens = np.load(folder / f"{name}.npy").astype(np.int64)
        sets.setdefault(name.split("__")[0], {})[name] = (tokens, entry["bytes"])
    return sets


def _split(folders: list[Path], name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """A category's tokens without its reserved documents, where each of those documents begins, and the same of the reserved ones."""
    parts = [np.load(folder / "train" / f"{name}.npy") for folder in folders]
    first = np.cumsum([0] + [len(part) for part in parts])
    starts = [np.load(folder / "train" / f"{name}.starts.npy") + i for folder, i in zip(folders, first)]
    tokens, starts = np.concatenate(parts), np.concatenate(starts)
    documents = max(1, int((1 - RESERVED) * len(starts)))
    end = starts[documents] if documents < len(starts) else len(tokens)
    return tokens[:end], starts[:documents], tokens[end:], starts[documents:] - end


def counted_tokens(folder: Path) -> list[np.ndarray]:
    """The tokens of every category but those of reserved documents."""
    return [training_tokens(folder, name)[0] for name in SHARES]


def training_tokens(folder: Path, name: str) -> tuple[np.ndarray, np.ndarray]:
    """A category's tokens but those of reserved documents, and where each document begins."""
    return _split([folder], name)[:2]


def _first_half(reserved: np.ndarray) -> np.ndarray:
    return reserved[: len(reserved) // 2]


def settling_tokens(folder: Path, name: str) -> np.ndarray:
    """The first half of a category's reserved tokens."""
    return _first_half(_split([folder], name)[2])


def sample_tokens(folder: Path, name: str) -> np.ndarray:
    """The second half."""
    reserved = _split([folder], name)[2]
    return reserved[len(reserved) // 2 :]
