"""Muon (Jordan et al., 2024) for the weight matrices, AdamW for embeddings, tables and scalars."""

import torch


def has_bfloat16(device) -> bool:
    """Whether products in bfloat16 are fast there; a CPU without the instructions emulates them, very slowly."""
    return device.type != "cpu" or torch.cpu._is_avx512_bf16_supported()


def orthogonalise(matrix, steps: int = 5):
    """Nearly U Vᵀ of the matrix by the quintic Newton-Schulz iteration. [..., M, N] -> the same."""
    a, b, c = 3.4445, -4.7750, 2.0315
    x = matrix.bfloat16() if has_bfloat16(matrix.device) else matrix
    tall = x.size(-2) > x.size(-1)
    if tall:
        x = x.mT
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(steps):
        gram = x @ x.mT
        x = a * x + (b * gram + c * gram @ gram) @ x
    return (x.mT if tall else x).to(matrix.dtype)


class Muon(torch.optim.Optimizer):
    """Nesterov momentum whose update is orthogonalised. A group's `blocks` splits fused matrices by rows: [q; k; v]."""

    def __init__(self, groups, lr: float, momentum: float = 0.95, weight_decay: float = 0.0):
        super().__init__(groups, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay, "blocks": 1})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            parameters = [p for p in group["params"] if p.grad is not None]
            if not parameters:
                continue
            for p in parameters:
                if "momentum" not in self.state[p]:
                    self.state[p]["momentum"] = torch.zeros_like(p)
            gradients, momenta = [p.grad for p in parameters], [self.state[p]["momentum"] for p in parameters]
            torch._foreach_lerp_(momenta, gradients, 1 - group["momentum"])
            updates = torch._foreach_lerp(gradients, momenta, group["momentum"])
            rows, columns = parameters[0].shape
            stacked = torch.stack(updates).view(-1, rows // group["blocks"], columns)
            stacked = orthogonalise(stacked).view(len(parameters), rows, columns)
            scale = max(1.0, rows / group["blocks"] / columns) ** 0.5
            torch._foreach_mul_(parameters, 1 - group["lr"] * group["weight_decay"])
            torch._foreach_add_(parameters, list(stacked.unbind()), alpha=-group["lr"] * scale)


def make_optimizers(model, muon_lr: float, adam_lr: float, weight_decay: float, fused: bool = True):
    """Both optimizers, each group with `initial_lr` for the schedule."""
    layers = model.layers
    groups = [
        {"params": [b.attention.qkv.weight for b in layers], "blocks": 1},
        {"params": [b.attention.out.weight for b in layers], "blocks": 1},
        {"params": [b.feed_forward.gate_up.weight for b in layers], "blocks": 2},
        {"params": [b.feed_forward.down.weight for b in layers], "blocks": 1},
    ]
    c = model.c
    if c.heads == c.kv_heads:
        groups[0]["blocks"] = 3
    matrices = {id(p) for g in groups for p in g["params"]}
    tables = [model.embedding.weight, model.bigram.weight, model.trigram.weight]
    scalars = [p for p in model.parameters() if id(p) not in matrices and all(p is not t for t in tables)]
    muon = Muon(groups, lr=muon_lr, weight_decay=weight_decay)
    adam = torch.optim.AdamW(
        [{"params": tables, "lr": adam_lr}, {"params": scalars, "lr": adam_lr}],
        lr=adam_lr, betas=(0.9, 0.95), weight_decay=0.0, fused=fused,
    )  # fmt: skip
    for optimizer in (muon, adam):
        for group in optimizer.param_groups:
            group["initial_lr"] = group["lr"]
    return muon, adam
