"""Writes what the Swift tests hold the tokenizer and the model against: tokens and bits of a few texts.

    python golden.py CHECKPOINT.pt DEQUANTISED.pt --tokenizer TOKENIZER.json --out Tests/Golden/tiny.json
"""

import argparse
import json
import math
from pathlib import Path

import numpy as np
import torch

from evaluate import load
from tokenizer import BytePairTokenizer

TEXTS = {
    "english": "The compressed size is the measure of what the model has learned.\nIt was 1984, and 12345 clocks "
    "struck thirteen.  Two spaces,\ttabs\t\tand trailing blanks   \n\n  indented (line); ends.\r\n",
    "japanese": "圧縮後の大きさは、モデルが何を学んだかを表す。日本語の文章もそのまま扱えます。カタカナ、ひらがな、漢字。",
    "code": "func encode(_ bit: Bool) {\n    if bit {\n        range = bound\n    } else {\n        low += 0x1F;\n    }\n}\n",
    "json": '{"name": "lmz", "sizes": [1, 22, 333, 4444, 55555], "ok": true, "nested": {"a": null}}\n',
    "mixed": "naïve café — “quotes” … 100% of $5.00 = £4?!\x00next document \x7f\x01 end",
}


@torch.no_grad()
def bits(model, tokens: np.ndarray) -> float:
    """Bits of tokens[1:] in one pass, so that the sliding window is the same as in lmz."""
    t = torch.from_numpy(tokens)[None]
    return model(t[:, :-1], t[:, 1:]).sum().item() / math.log(2)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("checkpoint")
    parser.add_argument("dequantised")
    parser.add_argument("--tokenizer", required=True)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    tokenizer = BytePairTokenizer.load(arguments.tokenizer)
    models = {"float": load(arguments.checkpoint)[0], "quantised": load(arguments.dequantised)[0]}
    result = {}
    for name, text in TEXTS.items():
        tokens = tokenizer.encode(text)
        padded = np.concatenate([[0], tokens]).astype(np.int64)
        result[name] = {
            "text": text,
            "tokens": tokens.tolist(),
            **{f"bits_{k}": round(bits(m, padded), 4) for k, m in models.items()},
        }
    arguments.out.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
