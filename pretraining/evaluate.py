"""Held-out bits per byte by category, with the model's full window as context.

    python evaluate.py CHECKPOINT.pt|MODEL.safetensors --data DIR [--tokens N | --full] [--apart]
"""

import argparse
import json
import math
from pathlib import Path

import torch

from data import heldout
from model import Configuration, LanguageModel
from optimizer import has_bfloat16


@torch.no_grad()
def bits(model, tokens, window: int, stride: int) -> float:
    """Bits of tokens[1:]; every token sees at least window - stride tokens of context (or all there are)."""
    device = next(model.parameters()).device
    rows = 8 if device.type == "cpu" else 64
    tokens = torch.as_tensor(tokens, device=device)
    starts = list(range(0, max(1, len(tokens) - 1 - (window - stride)), stride))
    total = 0.0
    full = [s for s in starts if s + window + 1 <= len(tokens)]
    for i in range(0, len(full), rows):
        batch = torch.stack([tokens[s : s + window + 1] for s in full[i : i + rows]])
        loss = model(batch[:, :-1], batch[:, 1:]).view(batch.size(0), window)
        skip = [0 if s == 0 else window - stride for s in full[i : i + rows]]
        total += sum(loss[j, k:].sum().item() for j, k in enumerate(skip))
    for s in starts[len(full) :]:
        part = tokens[s:]
        loss = model(part[None, :-1], part[None, 1:])
        total += loss[0 if s == 0 else window - stride :].sum().item()
    return total / math.log(2)


@torch.no_grad()
def bits_per_byte(model, sets, limit: int | None = None, stride: int | None = None) -> dict[str, float]:
    """category -> bits per byte; of so many tokens of each category as `limit` says, the first of each of its files.

    A few thousand tokens of one file say little: those at the start of enwik8's held-out part rank models otherwise than the
    first megabyte does (Experiments/LOG.md, *What the first 4,096 tokens say*).
    """
    window = model.c.window
    stride = stride or window // 2
    result = {}
    for category, files in sets.items():
        total, size = 0.0, 0.0
        for tokens, nbytes in files.values():
            part = tokens if limit is None else tokens[: limit // len(files)]
            total += bits(model, part, window, stride)
            size += nbytes * (len(part) - 1) / (len(tokens) - 1)
        result[category] = total / size
    return result


def load(path: str):
    saved = torch.load(path, map_location="cpu", weights_only=True)
    model = LanguageModel(Configuration(**saved["configuration"]))
    model.load_state_dict(saved["model"])
    return model.eval(), saved


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("model", help="a checkpoint or an exported model")
    parser.add_argument("--data", type=Path, required=True)
    extent = parser.add_mutually_exclusive_group()
    extent.add_argument("--tokens", type=int, default=65536, help="of each category")
    extent.add_argument("--full", action="store_true", help="all held-out tokens")
    parser.add_argument("--apart", action="store_true", help="windows that do not overlap, as train.py has them")
    arguments = parser.parse_args()
    if arguments.model.endswith(".safetensors"):
        from export import load_exported  # which needs `load`

        model = load_exported(Path(arguments.model))[0].eval()
    else:
        model, _ = load(arguments.model)
    stride = model.c.window if arguments.apart else None
    limit = None if arguments.full else arguments.tokens
    with torch.autocast("cpu", torch.bfloat16, enabled=has_bfloat16(torch.device("cpu"))):
        result = bits_per_byte(model, heldout(arguments.data / "valid"), limit, stride)
    mean = sum(result.values()) / len(result)
    print(json.dumps({k: round(v, 4) for k, v in {**result, "mean": mean}.items()}))


if __name__ == "__main__":
    main()
