"""Pretrains a model of model.py. One CPU, one GPU, or several with torchrun; float32 or bfloat16 products.

    python train.py --data DIR --size small --tokens 60e6 --out RUN
    python train.py … --out RUN                 # the same command again resumes from RUN/checkpoint.pt

Schedule: linear warm-up, constant, linear decay over the last part, by tokens or, with --minutes, by time. RUN/stable.pt is
the state before the decay: a longer run continues from it (copy it to a new RUN as checkpoint.pt and raise --tokens).
--start-from goes on from an exported model, with new optimizer states: its quantisation costs nothing that training would
not undo in a few steps. The window, the feed-forward layers and the n-gram tables may be larger than the exported model's. --data takes several
folders, the parts of every category in order; parts that are still on their way are taken in when they have come, and must have
by a tenth of the run: the rest of the time would go into learning a part by heart.
"""

import argparse
import json
import math
import os
import signal
import time
from pathlib import Path

import torch
import torch.distributed as dist

from data import Batches, heldout
from evaluate import bits_per_byte
from export import load_exported
from mixture import FURTHER_SHARES, SHARES
from model import SIZES, Configuration, LanguageModel
from optimizer import has_bfloat16, make_optimizers


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, nargs="+", required=True, help="the held-out sets are in the first")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--start-from", type=Path, metavar="MODEL.safetensors", help="begin with an exported model")
    parser.add_argument("--size", choices=SIZES, default="small")
    parser.add_argument("--set", nargs="*", default=[], metavar="FIELD=VALUE", help="changes to the configuration")
    parser.add_argument("--further", action="store_true", help="the mixture of further training (mixture.py)")
    limit = parser.add_mutually_exclusive_group(required=True)
    limit.add_argument("--tokens", type=float, help="tokens to train on in all")
    limit.add_argument("--minutes", type=float, help="wall time to train for in all")
    parser.add_argument("--rows", type=int, default=16, help="windows a step and a process")
    parser.add_argument("--length", type=int, default=512)
    parser.add_argument("--muon-lr", type=float, default=0.02)
    parser.add_argument("--adam-lr", type=float, default=4e-3)
    parser.add_argument("--weight-decay", type=float, default=0.02)
    parser.add_argument("--dropout", type=float, default=0.0, help="share of what layers add that is left out")
    parser.add_argument("--row-dropout", type=float, default=0.0, help="share of positions without a bigram or trigram row")
    parser.add_argument("--warmup", type=float, default=0.01, help="share of the run")
    parser.add_argument("--decay", type=float, default=0.45, help="share of the run")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--precision", choices=["float32", "bfloat16"], help="default: what is fast here")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--evaluate-every", type=float, default=5e6, help="tokens")
    parser.add_argument("--checkpoint-minutes", type=float, default=5)
    return parser.parse_args()


def configuration(arguments) -> Configuration:
    fields = SIZES[arguments.size].dictionary()
    for assignment in arguments.set:
        name, value = assignment.split("=")
        fields[name] = type(fields[name])(value)
    return Configuration(**fields)


def save(path: Path, model, optimizers, state: dict) -> None:
    temporary = path.with_suffix(".tmp")
    torch.save(
        {
            "configuration": model.c.dictionary(),
            "model": model.state_dict(),
            "optimizers": [o.state_dict() for o in optimizers],
            **state,
        },
        temporary,
    )
    os.replace(temporary, path)


def learning_rate(progress: float, warmup: float, decay: float) -> float:
    """Factor in 0...1 for `progress` in 0...1."""
    return max(0.0, min(1.0, (progress + 1e-4) / warmup, (1 - progress) / decay))


def main() -> None:
    a = parse()
    world, rank = int(os.environ.get("WORLD_SIZE", 1)), int(os.environ.get("RANK", 0))
    if a.minutes and world > 1:
        raise SystemExit("--minutes: processes would not stop at the same step; give --tokens")
    device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", 0))) if torch.cuda.is_available() else "cpu"
    device = torch.device(device)
    if world > 1:
        dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
    torch.set_num_threads(a.threads)
    torch.manual_seed(a.seed)
    torch.set_float32_matmul_precision("high")
    a.precision = a.precision or ("bfloat16" if has_bfloat16(device) else "float32")
    c = configuration(a)
    model = LanguageModel(c, a.dropout, a.row_dropout).to(device)
    optimizers = make_optimizers(model, a.muon_lr, a.adam_lr, a.weight_decay)
    a.out.mkdir(parents=True, exist_ok=True)
    checkpoint = a.out / "checkpoint.pt"
    state = {"tokens": 0, "steps": 0, "seconds": 0.0, "earlier_tokens": 0}
    if checkpoint.exists():
        saved = torch.load(checkpoint, map_location=device, weights_only=True)
        if saved["configuration"] != c.dictionary():
            raise SystemExit(f"{checkpoint}: another configuration: {saved['configuration']}")
        model.load_state_dict(saved["model"])
        for optimizer, content in zip(optimizers, saved["optimizers"]):
            optimizer.load_state_dict(content)
        state = {k: saved.get(k, 0) for k in state}
    elif a.start_from:
        exported, metadata = load_exported(a.start_from)
        model.begin_with(exported)
        state["earlier_tokens"] = json.loads(metadata["provenance"])["tokens"]
    log = open(a.out / "log.jsonl", "a") if rank == 0 else None

    def report(**fields) -> None:
        if log:
            line = json.dumps({**{k: round(v, 1) for k, v in state.items()}, **fields})
            print(line, flush=True)
            log.write(line + "\n")
            log.flush()

    sets = heldout(a.data[0] / "valid")

    def present() -> list[Path]:
        return [folder for folder in a.data if folder.exists()]

    def new_batches() -> Batches:
        # A resumed run draws other windows than the first part did.
        seed = a.seed + 1000 * rank + state["steps"]
        return Batches(folders, a.rows, a.length, seed, device, FURTHER_SHARES if a.further else SHARES)

    folders = present()
    batches = new_batches()
    forward = torch.compile(model) if a.compile else model
    report(event="start", configuration=c.dictionary(), multiply_adds=c.multiply_adds,
           parameters=sum(p.numel() for p in model.parameters()))  # fmt: skip
    stopping = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.append(True))

    def progress_of(state: dict) -> float:
        return state["tokens"] / a.tokens if a.tokens else state["seconds"] / (60 * a.minutes)

    def evaluate(limit: int | None) -> None:
        model.eval()
        with torch.autocast(device.type, torch.bfloat16, enabled=a.precision == "bfloat16"):
            result = bits_per_byte(model, sets, limit, stride=None if limit is None else c.window)
        model.train()
        report(event="valid", limit=limit, **{k: round(v, 4) for k, v in result.items()})

    per_step = a.rows * a.length * world
    started, before = time.time(), state["seconds"]
    next_evaluation = state["tokens"] + a.evaluate_every
    next_save, recent, recent_from = time.time() + 60 * a.checkpoint_minutes, [], time.time()
    first_step, previous = state["steps"], progress_of(state)
    while (progress := progress_of(state)) < 1 and not stopping:
        factor = learning_rate(progress, a.warmup, a.decay)
        for optimizer in optimizers:
            for group in optimizer.param_groups:
                group["lr"] = group["initial_lr"] * factor
        if previous < 1 - a.decay <= progress and rank == 0:
            save(a.out / "stable.pt", model, optimizers, state)
        previous = progress
        if len(folders) < len(a.data) and state["steps"] % 50 == 0:
            if len(present()) > len(folders):
                folders = present()
                batches = new_batches()
            elif progress > 0.1:
                late = ", ".join(str(folder) for folder in a.data if folder not in folders)
                if rank == 0:
                    save(checkpoint, model, optimizers, state)
                raise SystemExit(f"{late}: not there yet, and a tenth of the run is over; {checkpoint} is kept")
        batch = batches.next()
        with torch.autocast(device.type, torch.bfloat16, enabled=a.precision == "bfloat16"):
            loss = forward(batch[:, :-1], batch[:, 1:]).mean()
        loss.backward()
        if world > 1:
            for p in model.parameters():
                dist.all_reduce(p.grad, op=dist.ReduceOp.AVG if device.type == "cuda" else dist.ReduceOp.SUM)
                if device.type != "cuda":
                    p.grad /= world
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        recent.append(loss.detach())
        if state["steps"] == first_step:
            started = time.time()  # compiling is not training
        state["tokens"] += per_step
        state["steps"] += 1
        state["seconds"] = before + time.time() - started
        if state["steps"] % 50 == 0:
            mean = torch.stack(recent).mean().item()
            rate = len(recent) * per_step / (time.time() - recent_from)
            report(event="train", bits_per_token=round(mean / math.log(2), 4), rate=round(rate), lr=round(factor, 3))
            if not math.isfinite(mean):
                raise SystemExit("the loss is not finite; the last checkpoint is kept")
            recent, recent_from = [], time.time()
        if rank == 0 and time.time() > next_save:
            save(checkpoint, model, optimizers, state)
            next_save = time.time() + 60 * a.checkpoint_minutes
        if state["tokens"] >= next_evaluation:
            evaluate(limit=32768)
            next_evaluation += a.evaluate_every
            recent_from = time.time()
    if rank == 0:
        save(checkpoint, model, optimizers, state)
    if not stopping:
        evaluate(limit=65536)


if __name__ == "__main__":
    main()
