"""Output embedding and cross entropy, with the targets of the text or, for a part, of a teacher."""

from typing import NamedTuple

import torch


class Teacher(NamedTuple):
    """What another model says of the same positions: features [B*T, D'] as they are before its output embedding, and that."""

    features: torch.Tensor
    weight: torch.Tensor
    bias: torch.Tensor
    scale: torch.Tensor
    share: torch.Tensor  # [B*T], of its distribution in the targets; the rest is the text's next token
    first_parts: torch.Tensor | None = None  # of its tokens after the first V: which of the learner's V tokens begins each


class CrossEntropy(torch.autograd.Function):
    """Output embedding and cross entropy in chunks of rows, with the gradient made in the forward pass.

    The [B*T, V] logits never exist at once, which is what makes a large vocabulary affordable on a CPU. Valid only where
    every row's loss has the same weight in the total (mean or sum). With a teacher (Hinton et al., 2015) the gradient is that of
    the mixed targets; the value stays the negative log likelihood of the text. `needed`: whether a gradient will be asked for.
    """

    chunk = None  # chunk_loss, or what torch.compile made of it: for training only, whose chunks are all of one size

    @staticmethod
    def forward(ctx, x, weight, bias, scale, targets, teacher, needed):
        rows = 512 if x.device.type == "cpu" else 16384
        dtype = torch.bfloat16 if torch.is_autocast_enabled(x.device.type) else torch.float32
        w, scaled = weight.to(dtype), (x.float() * scale).to(dtype)
        losses, dx = [], []
        chunk = needed and CrossEntropy.chunk or chunk_loss
        if teacher and needed:
            taught, teacher_weight = (teacher.features.float() * teacher.scale).to(dtype), teacher.weight.to(dtype)
        dw = torch.zeros(weight.shape, dtype=torch.float32, device=x.device)
        db = torch.zeros_like(bias)
        for i in range(0, x.size(0), rows):
            xi, ti = scaled[i : i + rows], targets[i : i + rows]
            aim = ()
            if teacher and needed:
                aim = taught[i : i + rows] @ teacher_weight.T, teacher.bias, teacher.share[i : i + rows], teacher.first_parts
            loss, dz = chunk(xi @ w.T, bias, ti, *aim)
            losses.append(loss)
            if needed:
                dx.append(dz @ w)
                dw += dz.T @ xi
                db += (dz.new_ones(1, dz.size(0)) @ dz)[0]
        if needed:
            dx = torch.cat(dx)
            ctx.save_for_backward((dx * scale).to(x.dtype), dw, db, (dx.float() * x.float()).sum())
        return torch.cat(losses)

    @staticmethod
    def backward(ctx, gradient):
        dx, dw, db, ds = ctx.saved_tensors
        g = gradient[0]
        return dx * g.to(dx.dtype), dw * g, db * g, ds * g, None, None, None


def chunk_loss(product, bias, targets, soft=None, soft_bias=None, share=None, first_parts=None):
    """Cross entropy of each row, and the gradient by the logits in the product's type. `soft` are the products that make the
    teacher's logits, as `product` makes the learner's.
    """
    z = product.float() + bias
    top = z.logsumexp(-1, keepdim=True)
    loss = top.squeeze(1) - z.gather(1, targets[:, None]).squeeze(1)
    aim = (torch.arange(z.size(1), device=z.device) == targets[:, None]).float()
    if soft is not None:
        said = (soft.float() + soft_bias).softmax(-1)
        if first_parts is not None:
            said = said[:, : z.size(1)].index_add(1, first_parts, said[:, z.size(1) :])
        aim = aim + share[:, None] * (said - aim)
    return loss, ((z - top).exp() - aim).to(product.dtype)
