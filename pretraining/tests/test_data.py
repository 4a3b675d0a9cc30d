import random
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import numpy as np

import parts
import prepare_data
from data import Batches, heldout, sample_tokens, settling_tokens, training_tokens
from mixture import FURTHER_SHARES, SHARES
from tokenizer import BytePairTokenizer

TOKENIZER = Path(__file__).resolve().parents[1] / "tokenizer-nano.json"


def document(rng: random.Random, lines: int = 20) -> bytes:
    words = ["".join(rng.choice("abcdefgh") for _ in range(6)) for _ in range(400)]
    return b"".join(" ".join(rng.sample(words, 8)).encode() + b"\n" for _ in range(lines))


def write_corpora(folder: Path) -> dict[str, list[bytes]]:
    """Raw text of every category and held-out files; the documents that have to stay."""
    rng = random.Random(7)
    (folder / "raw").mkdir()
    (folder / "dev" / "heldout").mkdir(parents=True)
    leaked = document(rng)
    (folder / "dev" / "heldout" / "code__leak.txt").write_bytes(leaked)
    (folder / "dev" / "enwik8_valid5MB.txt").write_bytes(document(rng))
    kept = {}
    for category in SHARES:
        documents = [document(rng) for _ in range(110)]
        kept[category] = documents
        if category.startswith("enwik8"):
            kept[category] = [b"".join(documents)]
            text = kept[category][0]
        else:
            text = b"\0".join([*documents[:50], leaked, documents[3], b" \n", *documents[50:]])
        (folder / "raw" / f"{category}.txt").write_bytes(text)
    return kept


class Preparation(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        cls.kept = write_corpora(cls.folder)
        cls.data = cls.folder / "data"
        arguments = ["--raw", cls.folder / "raw", "--heldout", cls.folder / "dev", "--tokenizer", TOKENIZER, "--out", cls.data]
        with mock.patch.object(sys, "argv", ["prepare_data.py", *map(str, arguments)]), mock.patch("builtins.print"):
            prepare_data.main()
        cls.vocabulary = BytePairTokenizer.load(TOKENIZER).tokens

    def spelled(self, tokens) -> bytes:
        return b"".join(self.vocabulary[t] for t in tokens)

    def array(self, category: str) -> tuple[np.ndarray, np.ndarray]:
        path = self.data / "train" / f"{category}.npy"
        return np.load(path), np.load(path.with_suffix(".starts.npy"))

    def test_repeated_and_leaked_documents_are_dropped(self):
        for category in ("code", "ja_wiki"):
            tokens, starts = self.array(category)
            documents = self.spelled(tokens).split(b"\0")[1:]
            self.assertEqual(sorted(documents), sorted(self.kept[category]))
            self.assertTrue((tokens[starts] == 0).all())
            self.assertEqual(len(starts), len(documents))

    def test_heldout_sets_are_whole(self):
        sets = heldout(self.data / "valid")
        tokens, size = sets["code"]["code__leak"]
        text = (self.folder / "dev" / "heldout" / "code__leak.txt").read_bytes()
        self.assertEqual((self.spelled(tokens), size), (b"\0" + text, len(text)))

    def test_reserved_documents_stay_apart(self):
        tokens, starts = self.array("code")
        seen, _ = training_tokens(self.data, "code")
        both = settling_tokens(self.data, "code"), sample_tokens(self.data, "code")
        self.assertEqual(np.concatenate([seen, *both]).tolist(), tokens.tolist())
        self.assertEqual(len(seen), starts[int(0.98 * len(starts))])
        self.assertLessEqual(abs(len(both[0]) - len(both[1])), 1)

    def windows(self, folders: list[Path], count: int, **options) -> list[list[int]]:
        batches = Batches(folders, 8, 64, 3, **options)
        return [row for _ in range(count) for row in batches.next().tolist()]

    def test_windows_are_pieces_of_what_may_be_seen(self):
        seen = {c: self.spelled(training_tokens(self.data, c)[0]) for c in SHARES}
        for window in self.windows([self.data], 20):
            self.assertEqual(len(window), 65)
            self.assertTrue(any(self.spelled(window) in text for text in seen.values()))
        settling = {c: self.spelled(settling_tokens(self.data, c)) for c in SHARES}
        for window in self.windows([self.data], 5, settling=True):
            self.assertTrue(any(self.spelled(window) in text for text in settling.values()))

    def test_documents_are_begun_as_often_as_asked(self):
        begun = sum(window[0] == 0 for window in self.windows([self.data], 60, document_starts=0.5))
        self.assertTrue(0.4 < begun / 480 < 0.65, begun)

    def test_shares_are_those_of_the_mixture(self):
        seen = {c: self.spelled(training_tokens(self.data, c)[0]) for c in ("code", "en_docs")}
        windows = self.windows([self.data], 100, shares={"code": 0.75, "en_docs": 0.25})
        code = sum(self.spelled(window) in seen["code"] for window in windows)
        self.assertTrue(0.7 < code / len(windows) < 0.8, code)
        for shares in (SHARES, FURTHER_SHARES):
            self.assertLessEqual(shares["enwik8_first90MB"], 0.25 * sum(shares.values()))
        self.assertEqual(SHARES.keys(), FURTHER_SHARES.keys())

    def test_parts_are_the_same_text(self):
        with mock.patch("builtins.print"):
            parts.pack(self.data, [0.3, 0.7], self.folder / "parts")
        folders = [self.folder / "part1", self.folder / "part2"]
        for i, folder in enumerate(folders):
            parts.unpack(self.folder / "parts" / f"part{i + 1}.tar", folder)
        self.assertEqual(self.windows(folders, 5), self.windows([self.data], 5))
        self.assertEqual(heldout(folders[0] / "valid").keys(), heldout(self.data / "valid").keys())
