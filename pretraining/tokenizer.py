"""Byte-level BPE: training, the file format, and encoding for the training data.

Token ids are the rank of the token's bytes in lexicographic order, so that all tokens which share a prefix are one
contiguous range of ids: the arithmetic coder walks that order (DESIGN: the byte trie). All 256 single bytes are tokens, so
every byte string encodes and decodes exactly. There are no special tokens; byte 0 separates documents.

The pre-tokeniser uses byte classes only (letters are A-Z, a-z and every byte >= 0x80), so that the Swift encoder needs
no Unicode tables.

    python tokenizer.py train OUT.json VOCABULARY FILE...
    python tokenizer.py cut TOKENIZER.json VOCABULARY OUT.json      # the same with fewer merges
    python tokenizer.py stats TOKENIZER.json FILE...
"""

import json
import sys

import numpy as np
from tokenizers import Regex, Tokenizer, models, pre_tokenizers, trainers

LETTER = r"A-Za-z\x{80}-\x{10FFFF}"
SPLIT = "|".join(
    [
        rf" ?[{LETTER}]+",  # a word with the space before it
        r" ?[0-9]{1,4}",  # at most four digits
        rf" ?[^ \t\r\n0-9{LETTER}]+(?:[\r\n]+[ \t]*)?",  # punctuation with the line end and indentation behind it
        r"[ \t]*[\r\n]+[ \t]*",  # line ends with the indentation behind them
        r"[ \t]+(?= [^ \t\r\n])",  # a run of blanks, less the space that belongs to the next word
        r"[ \t]+",
    ]
)


def byte_alphabet() -> dict[str, int]:
    """The printable character that the ByteLevel pre-tokeniser uses for each byte (GPT-2's table)."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    table, extra = {}, 0
    for byte in range(256):
        if byte in printable:
            table[chr(byte)] = byte
        else:
            table[chr(256 + extra)] = byte
            extra += 1
    return table


def pre_tokenizer():
    return pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(pattern=Regex(SPLIT), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )


class BytePairTokenizer:
    """tokens: the byte strings in lexicographic order. merges: (left id, right id) in rank order."""

    def __init__(self, tokens: list[bytes], merges: list[tuple[int, int]]):
        if tokens != sorted(set(tokens)) or len(tokens) != 256 + len(merges):
            raise ValueError("tokens must be distinct, sorted, and 256 more than merges")
        self.tokens, self.merges = tokens, merges
        to_char = {byte: char for char, byte in byte_alphabet().items()}
        spell = ["".join(to_char[b] for b in token) for token in tokens]
        self._fast = Tokenizer(
            models.BPE(
                vocab={text: i for i, text in enumerate(spell)},
                merges=[(spell[a], spell[b]) for a, b in merges],
            )
        )
        self._fast.pre_tokenizer = pre_tokenizer()

    @classmethod
    def load(cls, path: str) -> "BytePairTokenizer":
        with open(path) as f:
            d = json.load(f)
        return cls([bytes.fromhex(t) for t in d["tokens"]], [tuple(m) for m in d["merges"]])

    def save(self, path: str) -> None:
        with open(path, "w") as f:
            json.dump({"tokens": [t.hex() for t in self.tokens], "merges": self.merges}, f, separators=(",", ":"))
            f.write("\n")

    @classmethod
    def train(cls, texts, vocabulary_size: int) -> "BytePairTokenizer":
        tokenizer = Tokenizer(models.BPE())
        tokenizer.pre_tokenizer = pre_tokenizer()
        trainer = trainers.BpeTrainer(
            vocab_size=vocabulary_size,
            initial_alphabet=list(byte_alphabet()),
            show_progress=False,
            max_token_length=24,
        )
        tokenizer.train_from_iterator(texts, trainer)
        merges = json.loads(tokenizer.to_str())["model"]["merges"]
        return cls._from_spelled(merges[: vocabulary_size - 256])

    @classmethod
    def _from_spelled(cls, merges: list[list[str]]) -> "BytePairTokenizer":
        alphabet = byte_alphabet()
        return cls._from_pairs([tuple(bytes(alphabet[c] for c in part) for part in pair) for pair in merges])

    @classmethod
    def _from_pairs(cls, merges: list[tuple[bytes, bytes]]) -> "BytePairTokenizer":
        tokens = sorted({bytes([b]) for b in range(256)} | {a + b for a, b in merges})
        rank = {t: i for i, t in enumerate(tokens)}
        return cls(tokens, [(rank[a], rank[b]) for a, b in merges])

    def cut(self, vocabulary_size: int) -> "BytePairTokenizer":
        """The tokenizer that training would have given with a smaller vocabulary."""
        merges = self.merges[: vocabulary_size - 256]
        return self._from_pairs([(self.tokens[a], self.tokens[b]) for a, b in merges])

    def encode(self, text: str) -> np.ndarray:
        return self.encode_batch([text])[0]

    def encode_batch(self, texts: list[str]) -> list[np.ndarray]:
        return [np.array(e.ids, dtype=np.uint16) for e in self._fast.encode_batch_fast(texts)]


def main() -> None:
    command, path = sys.argv[1], sys.argv[2]
    if command == "train":

        def texts():
            for name in sys.argv[4:]:
                text = open(name, "rb").read().decode("utf-8", "replace")
                for i in range(0, len(text), 10000):
                    yield text[i : i + 10000]

        BytePairTokenizer.train(texts(), int(sys.argv[3])).save(path)
    elif command == "cut":
        BytePairTokenizer.load(path).cut(int(sys.argv[3])).save(sys.argv[4])
    elif command == "stats":
        tokenizer = BytePairTokenizer.load(path)
        for name in sys.argv[3:]:
            data = open(name, "rb").read()
            count = len(tokenizer.encode(data.decode("utf-8", "replace")))
            print(f"{name}\t{len(data)}\t{count}\t{len(data) / count:.3f}")
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
