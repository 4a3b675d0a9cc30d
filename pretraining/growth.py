"""A model that begins with what a smaller one knows: the same function of the tokens, with room to learn more."""

import torch

from model import LanguageModel


def check(larger: LanguageModel, smaller: LanguageModel) -> None:
    c, o = larger.c, smaller.c
    fits = (
        (c.vocabulary, c.head_size, c.rope_base) == (o.vocabulary, o.head_size, o.rope_base)
        and c.layers % o.layers == 0
        and min(c.width - o.width, c.heads - o.heads, c.kv_heads - o.kv_heads, c.hidden - o.hidden, c.window - o.window) >= 0
    )
    if not fits:
        raise ValueError(f"{c} cannot begin with {o}")


@torch.no_grad()
def begin_with(larger: LanguageModel, smaller: LanguageModel) -> None:
    """Copies the parameters of `smaller` into `larger`, which may be wider, deeper (a multiple of the layers), and have more
    heads of the same size, more neurons, a longer window and larger n-gram tables.

    New channels of the residual stream, heads and neurons add nothing at first: their output weights are zero. Nor does a new
    layer, a copy of the one before it without output. RMSNorm sees the old channels sqrt(new width / old width) times as
    large, which the matrices around it make up for. Tables with several times the rows are the old rows over and over: a row
    is a hash modulo the rows. Tables of any other size keep their first rows.
    """
    check(larger, smaller)
    c, o = larger.c, smaller.c
    ratio = (c.width / o.width) ** 0.5
    D = o.width
    larger.embedding.weight[:, :D] = smaller.embedding.weight
    for table, values in ((larger.bigram, smaller.bigram.weight), (larger.trigram, smaller.trigram.weight)):
        times, rest = divmod(len(table.weight), len(values))
        if not rest:
            table.weight[:, :D] = values.repeat(times, 1)
    larger.output_bias.copy_(smaller.output_bias)
    larger.logit_scale.copy_(smaller.logit_scale / ratio)
    times = c.layers // o.layers
    heads = [(c.heads, o.heads), (c.kv_heads, o.kv_heads), (c.kv_heads, o.kv_heads)]
    for i, layer in enumerate(larger.layers):
        old = smaller.layers[i // times]
        a, b = layer.attention, old.attention
        new_blocks = a.qkv.weight.split([n * c.head_size for n, _ in heads])
        old_blocks = b.qkv.weight.split([n * o.head_size for _, n in heads])
        for target, values in zip(new_blocks, old_blocks):
            target[: len(values), :D] = values / ratio
        a.temperature[: o.heads] = b.temperature
        gate_up = layer.feed_forward.gate_up.weight.view(2, c.hidden, -1)
        gate_up[:, : o.hidden, :D] = old.feed_forward.gate_up.weight.view(2, o.hidden, -1) / ratio
        if i % times == 0:
            layer.mix.copy_(old.mix)
            a.out.weight[:D, : b.out.weight.size(1)] = b.out.weight * ratio
            layer.feed_forward.down.weight[:D, : o.hidden] = old.feed_forward.down.weight * ratio
