"""Writes what the Swift tests hold the tokenizer and the model against.

    python golden.py texts CHECKPOINT.pt DEQUANTISED.pt --tokenizer TOKENIZER.json --out Tests/Golden/tiny.json
    python golden.py logits --tokenizer TOKENIZER.json --out Tests/Golden/parity.safetensors

texts: tokens and bits of a few texts. logits: a model of random weights, as floats and quantised, and its logits after
every token of the first texts, before and after quantisation of the weights; the gradient of its loss, and the
weights after two steps of the optimizers.
"""

import argparse
import copy
import json
import math
from pathlib import Path

import numpy as np
import torch

import optimizer
from evaluate import load
from export import metadata_of, put_back, tensors, write_safetensors
from model import Configuration, LanguageModel
from tokenizer import BytePairTokenizer

# Small enough to be committed, and with every part that a model may have: grouped queries, several windows of text, tables of
# four bits (tiny.safetensors has eight).
PARITY = Configuration(
    vocabulary=384, width=32, layers=2, heads=2, kv_heads=1, hidden=48, window=24, bigram_rows=64, trigram_rows=96,
    table_bits=4,
)  # fmt: skip

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


def write_texts(arguments) -> None:
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


def random_model() -> LanguageModel:
    torch.manual_seed(1)
    model = LanguageModel(PARITY).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            # No part may be left at a value that hides it: zero matrices, temperatures and mixes all alike.
            parameter.add_(0.1 * torch.randn_like(parameter))
        model.logit_scale.fill_(0.7)
    return model


def gradients(model, tokens: np.ndarray) -> dict[str, np.ndarray]:
    """Loss and gradient of two sequences, all of `tokens` and a part, with every predicted token's loss weighed alike."""
    parts = [torch.from_numpy(part)[None] for part in (tokens, tokens[10:41])]

    def loss():
        return torch.cat([model(part[:, :-1], part[:, 1:]) for part in parts]).mean()

    content = {"loss": loss().detach().numpy().reshape(1)}
    model.train()  # rows of the tables are rounded
    loss().backward()
    model.eval()
    for name, parameter in model.named_parameters():
        content[f"gradient.{name}"] = parameter.grad.numpy().reshape(parameter.shape or 1).copy()
    return content


def two_steps(model) -> dict[str, np.ndarray]:
    """The parameters after the optimizers took two steps with the gradient that is there."""
    moved = copy.deepcopy(model)
    for parameter, original in zip(moved.parameters(), model.parameters()):
        parameter.grad = original.grad.clone()
    optimizer.has_bfloat16 = lambda device: False  # float32 on every processor
    optimizers = optimizer.make_optimizers(moved, muon_lr=0.02, adam_lr=4e-3, weight_decay=0.02, fused=False)
    for _ in range(2):
        for each in optimizers:
            each.step()
    return {f"stepped.{n}": p.detach().numpy().reshape(p.shape or 1) for n, p in moved.named_parameters()}


def write_logits(arguments) -> None:
    tokenizer = BytePairTokenizer.load(arguments.tokenizer).cut(PARITY.vocabulary)
    model = random_model()
    tokens = np.concatenate([tokenizer.encode(text) for text in TEXTS.values()]).astype(np.int64)[:96]
    content = tensors(model, tokenizer)
    for name, values in model.state_dict().items():
        content[f"float.{name}"] = values.numpy().astype(np.float32).reshape(values.shape or 1).copy()
    batch = torch.from_numpy(tokens)[None]
    content["tokens"] = tokens.astype(np.uint16)
    content |= gradients(model, tokens)
    content |= two_steps(model)
    with torch.no_grad():
        content["logits.float"] = model.logits(batch)[0].numpy().copy()
        put_back(model, content)
        content["logits.quantised"] = model.logits(batch)[0].numpy().copy()
    write_safetensors(arguments.out, content, metadata_of(model, "parity", {"tokens": 0}))


def main() -> None:
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(required=True)
    texts = commands.add_parser("texts")
    texts.add_argument("checkpoint")
    texts.add_argument("dequantised")
    texts.set_defaults(run=write_texts)
    logits = commands.add_parser("logits")
    logits.set_defaults(run=write_logits)
    for command in (texts, logits):
        command.add_argument("--tokenizer", required=True)
        command.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    arguments.run(arguments)


if __name__ == "__main__":
    main()
