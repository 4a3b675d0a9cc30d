import random
import unittest
from pathlib import Path

import numpy as np

from cut_vocabulary import CutVocabulary, TokenParts
from export import read_safetensors
from tokenizer import BytePairTokenizer

ROOT = Path(__file__).resolve().parents[2]
WHOLE = BytePairTokenizer.load(ROOT / "pretraining" / "tokenizer.json")
CUT = BytePairTokenizer.load(ROOT / "pretraining" / "tokenizer-nano.json")
TEXTS = [(ROOT / "corpora" / name).read_text()[:20000] for name in ("english.txt", "japanese.txt", "code.swift.txt", "data.json")]


def random_text(seed: int, count: int) -> str:
    rng = random.Random(seed)
    pieces = [chr(rng.choice((10, 32, 0x41, 0xE9, 0x3042, 0x6F22, 0x1F600)) + rng.randrange(60)) for _ in range(count)]
    return "".join(pieces)


class Tokenizers(unittest.TestCase):
    def test_tokens_spell_the_text(self):
        for tokenizer in (WHOLE, CUT):
            for text in [*TEXTS, random_text(1, 5000), ""]:
                spelled = b"".join(tokenizer.tokens[t] for t in tokenizer.encode(text))
                self.assertEqual(spelled, text.encode())

    def test_every_byte_is_a_token(self):
        for tokenizer, size in ((WHOLE, 8192), (CUT, 4096)):
            self.assertEqual(len(tokenizer.tokens), size)
            self.assertEqual(tokenizer.tokens, sorted(set(tokenizer.tokens)))
            self.assertTrue(all(bytes([byte]) in tokenizer.tokens for byte in range(256)))

    def test_shipped_models_have_these_tokenizers(self):
        for name, tokenizer in (("small", WHOLE), ("nano", CUT)):
            content, _ = read_safetensors(ROOT / "Sources" / "CModels" / f"{name}.safetensors")
            self.assertEqual(content["tokenizer.bytes"].tobytes(), b"".join(tokenizer.tokens))
            self.assertEqual(content["tokenizer.lengths"].tolist(), [len(t) for t in tokenizer.tokens])
            self.assertEqual(content["tokenizer.merges"].tolist(), [list(m) for m in tokenizer.merges])


class CutTokenizers(unittest.TestCase):
    def test_nano_has_the_first_merges(self):
        cut = WHOLE.cut(4096)
        self.assertEqual((cut.tokens, cut.merges), (CUT.tokens, CUT.merges))

    def test_taking_tokens_apart_is_encoding_with_fewer_merges(self):
        parts = TokenParts(WHOLE, CUT)
        for text in [*TEXTS, random_text(2, 5000)]:
            taken, begins = parts.taken_apart(WHOLE.encode(text))
            self.assertEqual(taken.tolist(), CUT.encode(text).tolist())
            self.assertEqual(begins[0], 0)

    def test_windows_say_which_token_begins_where(self):
        import torch

        tokens = WHOLE.encode(TEXTS[0])[:33].astype(np.int64)
        taken, begins = TokenParts(WHOLE, CUT).taken_apart(tokens)
        cut, source = CutVocabulary(WHOLE, CUT, "cpu").windows(torch.from_numpy(tokens)[None])
        self.assertEqual(cut[0].tolist(), taken[:33].tolist())
        expected = np.zeros(len(taken), dtype=int)
        expected[begins] = np.arange(33)
        self.assertEqual(source[0].tolist(), expected[:33].tolist())
