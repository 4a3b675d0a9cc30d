"""A model in training: its optimizers, its losses and its checkpoints."""

import math
import os
from pathlib import Path

import torch
import torch.distributed as dist

from evaluate import bits_per_byte
from model import LanguageModel
from optimizer import make_optimizers


class Learner:
    """`name` tells the learners of one run apart, in its log and its files; that of the model itself is empty. `sets` are held out."""

    def __init__(self, name: str, model: LanguageModel, sets, arguments):
        self.name, self.model, self.sets = name, model, sets
        self.optimizers = make_optimizers(model, arguments.muon_lr, arguments.adam_lr, arguments.weight_decay)
        self.losses: list[torch.Tensor] = []
        self.earlier_tokens = 0  # that the model which it began with had seen
        if arguments.compile:
            model.compile_layers()

    def named(self, word: str, between: str) -> str:
        return self.name + between + word if self.name else word

    def learn(self, features, targets, teacher, factor: float) -> None:
        """One step at so much of the highest rate. features [B, T, D] of the model, targets [B, T]."""
        loss = self.model.loss(features, targets, teacher).mean()
        loss.backward()
        self.losses.append(loss.detach())
        if dist.is_initialized():
            for p in self.model.parameters():
                dist.all_reduce(p.grad, op=dist.ReduceOp.AVG if p.is_cuda else dist.ReduceOp.SUM)
                if not p.is_cuda:
                    p.grad /= dist.get_world_size()
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = group["initial_lr"] * factor
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)

    def take_bits_per_token(self) -> dict[str, float]:
        """The mean since the last call, or nothing where there was no step."""
        if not self.losses:
            return {}
        mean = torch.stack(self.losses).mean().item() / math.log(2)
        self.losses = []
        return {self.named("bits_per_token", "_"): round(mean, 4)}

    def bits_per_byte(self, limit: int) -> dict[str, float]:
        """Of so many held-out tokens of each category."""
        self.model.eval()
        result = bits_per_byte(self.model, self.sets, limit)
        self.model.train()
        return {k: round(v, 4) for k, v in result.items()}

    def save(self, folder: Path, kind: str, state: dict) -> None:
        path = folder / f"{self.named(kind, '-')}.pt"
        temporary = path.with_suffix(".tmp")
        content = {
            "configuration": self.model.c.dictionary(),
            "model": self.model.state_dict(),
            "optimizers": [o.state_dict() for o in self.optimizers],
        }
        torch.save({**content, **state}, temporary)
        os.replace(temporary, path)

    def load(self, folder: Path, kind: str) -> dict:
        """What was saved beside the learner."""
        path = folder / f"{self.named(kind, '-')}.pt"
        if not path.exists():
            raise SystemExit(f"{path}: missing, and the run's other checkpoints are there")
        saved = torch.load(path, map_location=next(self.model.parameters()).device, weights_only=True)
        configuration = saved.pop("configuration")
        if configuration != self.model.c.dictionary():
            raise SystemExit(f"{path}: another configuration: {configuration}")
        self.model.load_state_dict(saved.pop("model"))
        for optimizer, content in zip(self.optimizers, saved.pop("optimizers")):
            optimizer.load_state_dict(content)
        return saved
