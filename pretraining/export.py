"""Writes a checkpoint as the quantised safetensors file that lmz reads, and the floating-point twin of its numbers.

    python export.py CHECKPOINT.pt --tokenizer TOKENIZER.json --name small --out small.safetensors
    python export.py … --dequantised OUT.pt      # the same weights after quantisation, for evaluate.py

Int8 weights with one float32 scale per row: the scale is the one of 24 candidates (0.7 to 1.0 of the row's largest
magnitude / 127) with the smallest squared error. Rows of n-gram tables have four bits a weight where the configuration says so
(49 candidates, 0.4 to 1.0 of the largest magnitude / 7).
"""

import argparse
import json
import math
import struct
from pathlib import Path

import numpy as np
import torch

from evaluate import load
from model import Configuration, LanguageModel
from tokenizer import BytePairTokenizer


def quantise(matrix: torch.Tensor, levels: int = 127) -> tuple[np.ndarray, np.ndarray]:
    """[N, K] float32 -> int8 [N, K] of at most `levels`, float32 scale [N]."""
    w = matrix.detach().float()
    top = w.abs().amax(dim=1).clamp_min(1e-12)
    best_error = torch.full_like(top, math.inf)
    best_scale = top / levels
    for factor in torch.linspace(0.7, 1.0, 24) if levels == 127 else torch.linspace(0.4, 1.0, 49):
        scale = top * factor / levels
        q = (w / scale[:, None]).round().clamp(-levels, levels)
        error = (q * scale[:, None] - w).square().sum(dim=1)
        better = error < best_error
        best_error, best_scale = torch.where(better, error, best_error), torch.where(better, scale, best_scale)
    q = (w / best_scale[:, None]).round().clamp(-levels, levels)
    return q.to(torch.int8).numpy(), best_scale.numpy().astype(np.float32)


def pack(values: np.ndarray) -> np.ndarray:
    """Integers from -8 to 7 as four bits each, the first of two in the lower half, 8 added. [N, K] -> uint8 [N, K / 2]."""
    nibbles = (values + 8).astype(np.uint8)
    return nibbles[:, 0::2] | nibbles[:, 1::2] << 4


def unpack(packed: np.ndarray) -> np.ndarray:
    """uint8 [N, K / 2] -> int8 [N, K]."""
    return (np.stack([packed & 15, packed >> 4], axis=-1).astype(np.int8) - 8).reshape(len(packed), -1)


def rotary_steps(head_size: int, base: float) -> np.ndarray:
    """Turns per position of each frequency in units of 2^-64 turn, exact to about 2^-50."""
    steps = []
    for i in range(0, head_size, 2):
        turns = base ** (-i / head_size) / (2 * math.pi)
        steps.append(int(turns * 2**53) << 11)
    return np.array(steps, dtype=np.uint64)


def tensors(model, tokenizer: BytePairTokenizer) -> dict[str, np.ndarray]:
    result: dict[str, np.ndarray] = {}

    def add(name: str, matrix: torch.Tensor, bits: int = 8) -> None:
        integers, result[f"{name}.scale"] = quantise(matrix, 127 if bits == 8 else 7)
        result[f"{name}.weight"] = integers if bits == 8 else pack(integers)

    c = model.c
    add("embedding", model.embedding.weight)
    for name in ("bigram", "trigram"):
        add(name, getattr(model, name).weight, c.table_bits)
    for i, layer in enumerate(model.layers):
        add(f"layers.{i}.attention.qkv", layer.attention.qkv.weight)
        add(f"layers.{i}.attention.out", layer.attention.out.weight)
        add(f"layers.{i}.feed_forward.gate_up", layer.feed_forward.gate_up.weight)
        add(f"layers.{i}.feed_forward.down", layer.feed_forward.down.weight)
        result[f"layers.{i}.attention.temperature"] = layer.attention.temperature.detach().numpy()
        result[f"layers.{i}.mix"] = layer.mix.detach().numpy()
    result["output_bias"] = model.output_bias.detach().numpy()
    result["logit_scale"] = model.logit_scale.detach().reshape(1).numpy()
    result["rotary.steps"] = rotary_steps(c.head_size, c.rope_base)
    result["tokenizer.lengths"] = np.array([len(t) for t in tokenizer.tokens], dtype=np.uint8)
    result["tokenizer.bytes"] = np.frombuffer(b"".join(tokenizer.tokens), dtype=np.uint8)
    result["tokenizer.merges"] = np.array(tokenizer.merges, dtype=np.uint16)
    return result


DTYPES = {"int8": "I8", "uint8": "U8", "uint16": "U16", "uint64": "U64", "float32": "F32"}


def write_safetensors(path: Path, content: dict[str, np.ndarray], metadata: dict[str, str]) -> None:
    """Widest types first, so that every tensor is aligned."""
    order = sorted(content, key=lambda n: (-content[n].dtype.itemsize, n))
    header: dict = {"__metadata__": metadata}
    position = 0
    for name in order:
        array = content[name]
        header[name] = {
            "dtype": DTYPES[str(array.dtype)],
            "shape": list(array.shape),
            "data_offsets": [position, position + array.nbytes],
        }
        position += array.nbytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text)
        for name in order:
            f.write(np.ascontiguousarray(content[name]).tobytes())


def read_safetensors(path: Path) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """The tensors and the metadata of a file that write_safetensors wrote."""
    data = path.read_bytes()
    (size,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8 : 8 + size])
    metadata = header.pop("__metadata__")
    types = {code: np.dtype(name) for name, code in DTYPES.items()}
    content = {}
    for name, entry in header.items():
        start, end = (8 + size + offset for offset in entry["data_offsets"])
        content[name] = np.frombuffer(data[start:end], types[entry["dtype"]]).reshape(entry["shape"])
    return content, metadata


def put_back(model, content: dict[str, np.ndarray]) -> None:
    """Puts the exported numbers back into the model, in place: integers times their scales, the rest as it is."""
    for name, target in model.state_dict().items():
        scale = content.get(name.removesuffix(".weight") + ".scale")
        values = content[name]
        values = (unpack(values) if values.dtype == np.uint8 else values).astype(np.float32)
        target.copy_(torch.from_numpy(values if scale is None else values * scale[:, None]).view(target.shape))


def load_exported(path: Path) -> tuple[LanguageModel, dict[str, str]]:
    """The floating-point twin of an exported model, and its metadata."""
    content, metadata = read_safetensors(path)
    model = LanguageModel(Configuration(**json.loads(metadata["configuration"])))
    with torch.no_grad():
        put_back(model, content)
    return model, metadata


def metadata_of(model, name: str, provenance: dict) -> dict[str, str]:
    configuration = {k: v for k, v in model.c.dictionary().items() if k != "rope_base"}
    return {
        "format": "lmz-model",
        "version": "1",
        "name": name,
        "configuration": json.dumps(configuration),
        "provenance": json.dumps(provenance),
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("checkpoint")
    parser.add_argument("--tokenizer", required=True)
    parser.add_argument("--name", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--dequantised", type=Path)
    arguments = parser.parse_args()
    model, saved = load(arguments.checkpoint)
    content = tensors(model, BytePairTokenizer.load(arguments.tokenizer))
    provenance = {"tokens": saved["tokens"] + saved.get("earlier_tokens", 0), "steps": saved["steps"]}
    write_safetensors(arguments.out, content, metadata_of(model, arguments.name, provenance))
    print(f"{arguments.out}: {arguments.out.stat().st_size} bytes, {provenance['tokens']} tokens seen")
    if arguments.dequantised:
        put_back(model, content)
        torch.save({**saved, "model": model.state_dict(), "optimizers": []}, arguments.dequantised)


if __name__ == "__main__":
    main()
