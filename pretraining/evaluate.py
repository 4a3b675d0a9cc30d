"""Held-out bits per byte by category, with the model's full window as context.

    python evaluate.py CHECKPOINT.pt|MODEL.safetensors --data DIR [--tokens N | --full]
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
def bits(model, tokens) -> float:
    """Bits of tokens[1:], coded as the program does: positions far from the start have seen others that are as far from it, and
    attend to the last window. Runs of four windows; the first of them is for context where it is not the first of all.
    """
    device, window = next(model.parameters()).device, model.c.window
    rows = 4 if device.type == "cpu" else 16
    tokens = torch.as_tensor(tokens, device=device)
    total = 0.0
    starts = list(range(0, max(1, len(tokens) - 1 - window), 3 * window))
    for i in range(0, len(starts), rows):
        runs = [tokens[s : s + 4 * window + 1] for s in starts[i : i + rows]]
        batches = [torch.stack(runs)] if len(runs[0]) == len(runs[-1]) else [run[None] for run in runs]
        losses = [loss for b in batches for loss in model(b[:, :-1], b[:, 1:]).view(b.size(0), -1)]
        total += sum(loss[0 if s == 0 else window :].sum().item() for s, loss in zip(starts[i:], losses))
    return total / math.log(2)


@torch.no_grad()
def bits_per_byte(model, sets, limit: int | None = None) -> dict[str, float]:
    """category -> bits per byte; of so many tokens of each category as `limit` says, the first of each of its files.

    A few thousand tokens of one file say little: those at the start of enwik8's held-out part rank models otherwise than the
    first megabyte does (Experiments/LOG.md, *What the first 4,096 tokens say*). Windows that begin anew say little, too, of a
    model that has seen no others (*What a window's first token is to the model*).
    """
    result = {}
    for category, files in sets.items():
        total, size = 0.0, 0.0
        for tokens, nbytes in files.values():
            part = tokens if limit is None else tokens[: limit // len(files)]
            total += bits(model, part)
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
    arguments = parser.parse_args()
    if arguments.model.endswith(".safetensors"):
        from export import load_exported  # which needs `load`

        model = load_exported(Path(arguments.model))[0].eval()
    else:
        model, _ = load(arguments.model)
    limit = None if arguments.full else arguments.tokens
    with torch.autocast("cpu", torch.bfloat16, enabled=has_bfloat16(torch.device("cpu"))):
        result = bits_per_byte(model, heldout(arguments.data / "valid"), limit)
    mean = sum(result.values()) / len(result)
    print(json.dumps({k: round(v, 4) for k, v in {**result, "mean": mean}.items()}))


if __name__ == "__main__":
    main()
