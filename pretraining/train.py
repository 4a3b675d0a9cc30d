"""Pretrains a model of model.py. One CPU, one GPU, or several with torchrun; float32 or bfloat16 products.

    python train.py --data DIR --size small --tokens 60e6 --out RUN
    python train.py … --out RUN                 # the same command again resumes from RUN/checkpoint.pt

Schedule: linear warm-up, constant, linear decay over the last part, by tokens or, with --minutes, by time. RUN/stable.pt is
the state before the decay: a longer run continues from it (copy it to a new RUN as checkpoint.pt and raise --tokens).

--length may be several windows, so that later positions attend, as in the program, to what itself saw no beginning; a model
that has only seen windows from their start codes long texts 1 to 5 % worse than it could (Experiments/LOG.md, *What a
window's first token is to the model*).

--start-from goes on from an exported model, with new optimizer states: its quantisation costs nothing that training would
not undo in a few steps. The model may be larger than the exported one (growth.py). --teacher trains a larger model beside it,
grown from the same file, whose distributions are part of the targets; its rate comes to 0 at --teacher-until, and from there
it only teaches. --cut trains one more with the same teacher, in a cut vocabulary (cut_vocabulary.py). RUN has files of each.

--data takes several folders, the parts of every category in order; parts that are still on their way are taken in when they
have come, and must have by a tenth of the run: the rest of the time would go into learning a part by heart.
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

from cut_vocabulary import CutVocabulary
from data import Batches, heldout
from export import load_exported
from growth import begin_with
from learner import Learner
from loss import CrossEntropy, chunk_loss
from mixture import FURTHER_SHARES, SHARES
from model import SIZES, Configuration, LanguageModel
from optimizer import has_bfloat16
from tokenizer import BytePairTokenizer


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, nargs="+", required=True, help="the held-out sets are in the first")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--start-from", type=Path, metavar="MODEL.safetensors", help="begin with an exported model")
    parser.add_argument("--size", choices=SIZES, default="small")
    parser.add_argument("--set", nargs="*", default=[], metavar="FIELD=VALUE", help="changes to the configuration")
    parser.add_argument("--further", action="store_true", help="the mixture of further training (mixture.py)")
    parser.add_argument("--settling", action="store_true", help="on the first half of the documents that other runs do not see")
    parser.add_argument("--teacher", nargs="+", metavar="FIELD=VALUE", help="how the teacher's configuration differs")
    parser.add_argument("--teacher-share", type=float, default=0.9, help="share of its distribution in the targets")
    parser.add_argument("--teacher-until", type=float, default=0.75, help="share of the run in which the teacher learns")
    parser.add_argument("--teacher-row-dropout", type=float, default=0.2)
    parser.add_argument(
        "--cut", nargs=4, metavar=("SIZE", "MODEL.safetensors", "TOKENIZER", "CUT-TOKENIZER"),
        help="also train this model, whose tokenizer is a cut one, with the same teacher",
    )  # fmt: skip
    parser.add_argument("--cut-row-dropout", type=float, default=0.1)
    limit = parser.add_mutually_exclusive_group(required=True)
    limit.add_argument("--tokens", type=float, help="tokens to train on in all")
    limit.add_argument("--minutes", type=float, help="wall time to train for in all")
    parser.add_argument("--rows", type=int, default=16, help="windows a step and a process")
    parser.add_argument("--length", type=int, default=512)
    parser.add_argument("--document-starts", type=float, default=0.08, help="share of windows that begin with a document")
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


def changed(c: Configuration, assignments: list[str]) -> Configuration:
    fields = c.dictionary()
    for assignment in assignments:
        name, value = assignment.split("=")
        fields[name] = type(fields[name])(value)
    return Configuration(**fields)


def learning_rate(progress: float, warmup: float, decay: float) -> float:
    """Factor in 0...1 for `progress` in 0...1."""
    return max(0.0, min(1.0, (progress + 1e-4) / warmup, (1 - progress) / decay))


def main() -> None:
    a = parse()
    world, rank = int(os.environ.get("WORLD_SIZE", 1)), int(os.environ.get("RANK", 0))
    if a.minutes and world > 1:
        raise SystemExit("--minutes: processes would not stop at the same step; give --tokens")
    if a.teacher and not a.start_from:
        raise SystemExit("--teacher: it begins with a model; give --start-from")
    if a.cut and not a.teacher:
        raise SystemExit("--cut: such a model learns from a teacher; give --teacher")
    device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", 0))) if torch.cuda.is_available() else "cpu"
    device = torch.device(device)
    if world > 1:
        dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
    torch.set_num_threads(a.threads)
    torch.manual_seed(a.seed)
    torch.set_float32_matmul_precision("high")
    a.precision = a.precision or ("bfloat16" if has_bfloat16(device) else "float32")
    if a.compile:
        CrossEntropy.chunk = torch.compile(chunk_loss)

    def new_learner(name: str, c: Configuration, row_dropout: float, start: Path | None, sets) -> Learner:
        each = Learner(name, LanguageModel(c, a.dropout, row_dropout).to(device), sets, a)
        if start:
            exported, metadata = load_exported(start)
            begin_with(each.model, exported.to(device))
            each.earlier_tokens = json.loads(metadata["provenance"])["tokens"]
        return each

    sets = heldout(a.data[0] / "valid")
    c = changed(SIZES[a.size], a.set)
    learner = new_learner("", c, a.row_dropout, a.start_from, sets)
    teacher = cut = None
    if a.teacher:
        teacher = new_learner("teacher", changed(c, a.teacher), a.teacher_row_dropout, a.start_from, sets)
    if a.cut:
        name, start, whole_tokenizer, cut_tokenizer = a.cut
        vocabulary = CutVocabulary(*map(BytePairTokenizer.load, (whole_tokenizer, cut_tokenizer)), device)
        cut = new_learner("cut", SIZES[name], a.cut_row_dropout, Path(start), vocabulary.heldout(sets))
    learners = [each for each in (learner, teacher, cut) if each]
    a.out.mkdir(parents=True, exist_ok=True)
    state = {"tokens": 0, "steps": 0, "seconds": 0.0, "earlier_tokens": learner.earlier_tokens}
    if (a.out / "checkpoint.pt").exists():
        for each in reversed(learners):
            saved = each.load(a.out, "checkpoint")
            each.earlier_tokens = saved["earlier_tokens"]
            state = {k: saved[k] for k in state}
    log = open(a.out / "log.jsonl", "a") if rank == 0 else None

    def report(**fields) -> None:
        if log:
            line = json.dumps({**{k: round(v, 1) for k, v in state.items()}, **fields})
            print(line, flush=True)
            log.write(line + "\n")
            log.flush()

    def save(kind: str) -> None:
        if rank == 0:
            for each in learners:
                each.save(a.out, kind, {**state, "earlier_tokens": each.earlier_tokens})

    def present() -> list[Path]:
        return [folder for folder in a.data if folder.exists()]

    def new_batches() -> Batches:
        # A resumed run draws other windows than the first part did.
        seed = a.seed + 1000 * rank + state["steps"]
        shares = FURTHER_SHARES if a.further else SHARES
        return Batches(folders, a.rows, a.length, seed, device, shares, a.document_starts, a.settling)

    folders = present()
    batches = new_batches()
    for each in learners:
        m = each.model
        report(event=each.named("start", "_"), configuration=m.c.dictionary(), multiply_adds=m.c.multiply_adds,
               parameters=sum(p.numel() for p in m.parameters()))  # fmt: skip
    stopping = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.append(True))

    def progress_of(state: dict) -> float:
        return state["tokens"] / a.tokens if a.tokens else state["seconds"] / (60 * a.minutes)

    def evaluate(limit: int) -> None:
        for each in learners:
            with torch.autocast(device.type, torch.bfloat16, enabled=a.precision == "bfloat16"):
                report(event=each.named("valid", "_"), limit=limit, **each.bits_per_byte(limit))

    per_step = a.rows * a.length * world
    started, before = time.time(), state["seconds"]
    next_evaluation = state["tokens"] + a.evaluate_every
    next_save, recent, recent_from = time.time() + 60 * a.checkpoint_minutes, 0, time.time()
    first_step, previous = state["steps"], progress_of(state)
    while (progress := progress_of(state)) < 1 and not stopping:
        if previous < 1 - a.decay <= progress:
            save("stable")
        previous = progress
        if len(folders) < len(a.data) and state["steps"] % 50 == 0:
            if len(present()) > len(folders):
                folders = present()
                batches = new_batches()
            elif progress > 0.1:
                late = ", ".join(str(folder) for folder in a.data if folder not in folders)
                save("checkpoint")
                raise SystemExit(f"{late}: not there yet, and a tenth of the run is over; the checkpoint is kept")
        batch = batches.next()
        inputs, targets, said = batch[:, :-1], batch[:, 1:], None
        factor = learning_rate(progress, a.warmup, a.decay)
        with torch.autocast(device.type, torch.bfloat16, enabled=a.precision == "bfloat16"):
            if teacher:
                teacher_factor = learning_rate(progress / a.teacher_until, a.warmup, a.decay)
                if teacher_factor == 0:
                    teacher.model.row_dropout = 0.0
                with torch.set_grad_enabled(teacher_factor > 0):
                    features = teacher.model.features(inputs)
                said = teacher.model.teacher(features, a.teacher_share)
            learner.learn(learner.model.features(inputs), targets, said, factor)
            if cut:
                cut_batch, source = vocabulary.windows(batch)
                cut_said = vocabulary.teacher(said, source[:, 1:])
                cut.learn(cut.model.features(cut_batch[:, :-1]), cut_batch[:, 1:], cut_said, factor)
            if teacher and teacher_factor > 0:  # the last, as what it said is its present weights
                teacher.learn(features, targets, None, teacher_factor)
        if state["steps"] == first_step:
            started = time.time()  # compiling is not training
        recent += per_step
        state["tokens"] += per_step
        state["steps"] += 1
        state["seconds"] = before + time.time() - started
        if state["steps"] % 50 == 0:
            losses = {name: bits for each in learners for name, bits in each.take_bits_per_token().items()}
            report(event="train", **losses, rate=round(recent / (time.time() - recent_from)), lr=round(factor, 3))
            if not all(map(math.isfinite, losses.values())):
                raise SystemExit("the loss is not finite; the last checkpoint is kept")
            recent, recent_from = 0, time.time()
        if time.time() > next_save:
            save("checkpoint")
            next_save = time.time() + 60 * a.checkpoint_minutes
        if state["tokens"] >= next_evaluation:
            evaluate(limit=32768)
            next_evaluation += a.evaluate_every
            recent, recent_from = 0, time.time()
    save("checkpoint")
    if not stopping:
        evaluate(limit=65536)


if __name__ == "__main__":
    main()
