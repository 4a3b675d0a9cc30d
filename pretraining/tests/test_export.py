import json
import math
import tempfile
import unittest
from argparse import Namespace
from pathlib import Path

import numpy as np
import torch

import golden
from evaluate import bits
from export import (
    load_exported, metadata_of, pack, quantise, read_safetensors, rotary_steps, tensors, unpack, write_safetensors,
)  # fmt: skip
from model import SIZES, Configuration, LanguageModel
from ngrams import fingerprint
from tokenizer import BytePairTokenizer

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "Tests" / "Golden"
TOKENIZER = BytePairTokenizer.load(ROOT / "pretraining" / "tokenizer.json")


class Quantisation(unittest.TestCase):
    def test_weights_are_near(self):
        torch.manual_seed(5)
        weights = torch.randn(40, 64) * torch.rand(40, 1)
        for levels in (127, 7):
            integers, scale = quantise(weights, levels)
            self.assertLessEqual(np.abs(integers).max(), levels)
            error = ((integers * scale[:, None] - weights.numpy()) ** 2).sum(1)
            top = weights.abs().amax(1).numpy() / levels
            plain = ((np.round(weights.numpy() / top[:, None]) * top[:, None] - weights.numpy()) ** 2).sum(1)
            self.assertTrue((error <= plain * 1.0001).all())

    def test_rows_of_zeros_stay(self):
        integers, scale = quantise(torch.zeros(2, 8))
        self.assertTrue((integers == 0).all() and np.isfinite(scale).all())

    def test_four_bits_come_back(self):
        values = np.random.default_rng(6).integers(-8, 8, (5, 12)).astype(np.int8)
        self.assertEqual(unpack(pack(values)).tolist(), values.tolist())

    def test_rotary_steps_are_turns(self):
        turns = rotary_steps(64, 10000.0).astype(float) / 2**64
        expected = 10000.0 ** (-np.arange(0, 64, 2) / 64) / (2 * math.pi)
        np.testing.assert_allclose(turns, expected, rtol=0, atol=2.0**-52)


class Files(unittest.TestCase):
    def test_an_exported_model_comes_back(self):
        tokenizer = TOKENIZER.cut(300)
        c = Configuration(
            vocabulary=300, width=32, layers=2, heads=2, kv_heads=1, hidden=48, window=16, bigram_rows=64, trigram_rows=96,
            table_bits=4,
        )  # fmt: skip
        torch.manual_seed(7)
        model = LanguageModel(c)
        for p in model.parameters():
            torch.nn.init.normal_(p, std=0.2)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "model.safetensors"
            write_safetensors(path, tensors(model, tokenizer), metadata_of(model, "tiny", {"tokens": 5}))
            back, metadata = load_exported(path)
            self.assertEqual(back.c, c)
            self.assertEqual(json.loads(metadata["provenance"])["tokens"], 5)
            for (name, p), q in zip(model.named_parameters(), back.parameters(), strict=True):
                # Half a step of the coarsest rows, whose largest weights may be clipped.
                limit = 0.3 * p.abs().max() if name in ("bigram.weight", "trigram.weight") else 0.02 * p.abs().max()
                self.assertLessEqual((p - q).abs().max(), limit, name)


class GoldenFiles(unittest.TestCase):
    """What the Swift tests compare with is what these files compute."""

    def test_bits_of_the_frozen_model(self):
        model = load_exported(GOLDEN / "tiny.safetensors")[0].eval()
        tokenizer = TOKENIZER.cut(model.c.vocabulary)
        for name, entry in json.loads((GOLDEN / "tiny.json").read_text()).items():
            tokens = tokenizer.encode(golden.TEXTS[name])
            self.assertEqual(tokens.tolist(), entry["tokens"])
            found = golden.bits(model, np.concatenate([[0], tokens]).astype(np.int64))
            self.assertAlmostEqual(found, entry["bits_quantised"], delta=1e-3)

    def test_logits_gradients_and_steps(self):
        with tempfile.TemporaryDirectory() as folder:
            arguments = Namespace(tokenizer=str(ROOT / "pretraining" / "tokenizer.json"), out=Path(folder) / "parity.safetensors")
            golden.write_logits(arguments)
            made, committed = (read_safetensors(p)[0] for p in (arguments.out, GOLDEN / "parity.safetensors"))
        self.assertEqual(made.keys(), committed.keys())
        for name, values in committed.items():
            np.testing.assert_allclose(made[name].astype(float), values.astype(float), rtol=1e-3, atol=1e-5, err_msg=name)


class ShippedModels(unittest.TestCase):
    """What lmz ships are models of SIZES that these files can read."""

    def test_configurations(self):
        for name, c in SIZES.items():
            model, metadata = load_exported(ROOT / "Sources" / "CModels" / f"{name}.safetensors")
            self.assertEqual((model.c, metadata["name"]), (c, name))

    def test_held_out_text(self):
        text = (ROOT / "corpora" / "english.txt").read_text()[:20000]
        for name, most in (("small", 1.75), ("nano", 2.0)):
            model = load_exported(ROOT / "Sources" / "CModels" / f"{name}.safetensors")[0].eval()
            tokenizer = TOKENIZER if name == "small" else TOKENIZER.cut(4096)
            tokens = np.concatenate([[0], tokenizer.encode(text)]).astype(np.int64)
            self.assertLess(bits(model, tokens) / len(text.encode()), most, name)

    def test_ngrams_are_of_their_vocabularies(self):
        for name, size in (("small", 8192), ("nano", 4096)):
            header = (ROOT / "Sources" / "CModels" / f"{name}.ngrams").read_bytes()[:24]
            self.assertEqual(header[:8], b"LMZNGRAM")
            self.assertEqual(int.from_bytes(header[12:16], "little"), size)
            self.assertEqual(int.from_bytes(header[16:24], "little"), fingerprint(TOKENIZER.cut(size).tokens))
