"""The PyTorch twin of lmz's language model.

Legend: B batch, T positions, V vocabulary, D width, H query heads, G key/value heads, E head size, F feed-forward width.

Pre-norm decoder without any norm gains: RMSNorm, rotary positions, RMS-normalised queries and keys with a learned
temperature per head, SwiGLU, hashed bigram and trigram embeddings beside the token embedding (parameters that cost no
multiplications), a learned mix of the residual stream with the first embedding before every layer, tied output embedding
with a bias and one logit scale. The integer version of the same model is Sources/LM/Model.
"""

import math
from dataclasses import asdict, dataclass

import torch
import torch.nn as nn
import torch.nn.functional as F

from loss import CrossEntropy, Teacher

EPSILON = 1e-6


@dataclass(frozen=True)
class Configuration:
    vocabulary: int = 8192
    width: int = 256
    layers: int = 6
    heads: int = 4
    kv_heads: int = 4
    hidden: int = 704
    window: int = 512
    bigram_rows: int = 16384
    trigram_rows: int = 16384
    table_bits: int = 8
    rope_base: float = 10000.0

    @property
    def head_size(self) -> int:
        return self.width // self.heads

    @property
    def multiply_adds(self) -> int:
        """Weight products per token (attention over the window is not counted)."""
        attention = self.width * self.head_size * (2 * self.heads + 2 * self.kv_heads)
        return self.layers * (attention + 3 * self.width * self.hidden) + self.vocabulary * self.width

    def dictionary(self) -> dict:
        return asdict(self)


SIZES = {
    "small": Configuration(bigram_rows=32768, trigram_rows=32768, table_bits=4),
    "nano": Configuration(
        vocabulary=4096, width=128, layers=4, heads=2, kv_heads=2, hidden=432, window=512,
        bigram_rows=17920, trigram_rows=17920, table_bits=4,
    ),
}  # fmt: skip


def rms_norm(x):
    return F.rms_norm(x, (x.size(-1),), eps=EPSILON)


def ngram_rows(tokens, rows: int, order: int):
    """Hash of the last `order` tokens (2 or 3) at each position, as a row index; missing tokens count as 0.

    tokens [B, T] int64 -> [B, T] int64. All arithmetic is modulo 2^32.
    """
    previous = F.pad(tokens, (1, 0))[:, :-1]
    h = previous
    if order == 3:
        h = (F.pad(tokens, (2, 0))[:, :-2] * 0x9E3779B1 + previous) & 0xFFFFFFFF
    h = (h * 0x85EBCA6B + tokens) & 0xFFFFFFFF
    h = ((h ^ (h >> 15)) * 0x2C1B3C6D) & 0xFFFFFFFF
    return (h >> 8) % rows


class Attention(nn.Module):
    def __init__(self, c: Configuration):
        super().__init__()
        self.c = c
        self.qkv = nn.Linear(c.width, (c.heads + 2 * c.kv_heads) * c.head_size, bias=False)
        self.out = nn.Linear(c.heads * c.head_size, c.width, bias=False)
        self.temperature = nn.Parameter(torch.full((c.heads,), 1.2))

    def forward(self, x, cos, sin):
        B, T, _ = x.shape
        c = self.c
        q, k, v = self.qkv(x).view(B, T, -1, c.head_size).split([c.heads, c.kv_heads, c.kv_heads], dim=2)
        q = rotate(rms_norm(q) * self.temperature.to(q.dtype)[:, None], cos, sin).transpose(1, 2)
        k = rotate(rms_norm(k), cos, sin).transpose(1, 2)
        v = v.transpose(1, 2)
        if c.kv_heads != c.heads:
            k, v = (t.repeat_interleave(c.heads // c.kv_heads, dim=1) for t in (k, v))
        # q and k have norm sqrt(E); scores are temperature * q.k / sqrt(E).
        if T <= c.window:
            y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        else:
            y = windowed_attention(q, k, v, c.window)
        return self.out(y.transpose(1, 2).reshape(B, T, -1))


def rotate(x, cos, sin):
    """Rotary positions: the halves of each head are the two coordinates. x [B, T, H, E], cos and sin [T, 1, E/2]."""
    a, b = x.chunk(2, dim=-1)
    return torch.cat([a * cos - b * sin, b * cos + a * sin], dim=-1).to(x.dtype)


def windowed_attention(q, k, v, window: int):
    """Attention of every position to the last `window`, itself included. q, k, v [B, H, T, E] -> the same; window by window, each
    with the one before.
    """
    B, H, T, E = q.shape
    blocks = -(-T // window)
    q, k, v = (F.pad(x, (0, 0, 0, blocks * window - T)).view(B, H, blocks, window, E) for x in (q, k, v))
    k, v = (torch.cat([F.pad(x, (0, 0, 0, 0, 1, 0))[:, :, :-1], x], dim=3) for x in (k, v))
    ahead = torch.arange(2 * window, device=q.device) - torch.arange(window, device=q.device)[:, None]
    mask = ((ahead > 0) & (ahead <= window)).repeat(blocks, 1, 1)
    mask[0, :, :window] = False  # before the first block there is nothing
    y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
    return y.view(B, H, blocks * window, E)[:, :, :T]


class FeedForward(nn.Module):
    def __init__(self, c: Configuration):
        super().__init__()
        self.gate_up = nn.Linear(c.width, 2 * c.hidden, bias=False)
        self.down = nn.Linear(c.hidden, c.width, bias=False)

    def forward(self, x):
        gate, up = self.gate_up(x).chunk(2, dim=-1)
        return self.down(F.silu(gate) * up)


class Layer(nn.Module):
    def __init__(self, c: Configuration):
        super().__init__()
        self.attention = Attention(c)
        self.feed_forward = FeedForward(c)
        self.mix = nn.Parameter(torch.tensor([1.0, 0.0]))  # residual stream, first embedding

    def forward(self, h, first, cos, sin, dropout: float):
        h = self.mix[0] * h + self.mix[1] * first
        h = h + F.dropout(self.attention(rms_norm(h), cos, sin), dropout)
        return h + F.dropout(self.feed_forward(rms_norm(h)), dropout)


class LanguageModel(nn.Module):
    """`dropout` and `row_dropout` count while training only: the share that is left out of what every layer adds to the
    residual stream (Srivastava et al., 2014), and the share of positions that do without their bigram or trigram row.
    """

    def __init__(self, c: Configuration, dropout: float = 0.0, row_dropout: float = 0.0):
        super().__init__()
        self.c = c
        self.dropout, self.row_dropout = dropout, row_dropout
        self.compiled = None  # embed and Layer.forward, once compile_layers was called
        self.embedding = nn.Embedding(c.vocabulary, c.width)
        self.bigram = nn.Embedding(c.bigram_rows, c.width)
        self.trigram = nn.Embedding(c.trigram_rows, c.width)
        self.layers = nn.ModuleList(Layer(c) for _ in range(c.layers))
        self.output_bias = nn.Parameter(torch.zeros(c.vocabulary))
        self.logit_scale = nn.Parameter(torch.tensor(1.0))
        inverse = c.rope_base ** (-torch.arange(0, c.head_size, 2).float() / c.head_size)
        angles = torch.outer(torch.arange(4 * c.window).float(), inverse)
        self.register_buffer("cos", angles.cos()[:, None, :], persistent=False)
        self.register_buffer("sin", angles.sin()[:, None, :], persistent=False)
        nn.init.normal_(self.embedding.weight, std=0.02)
        nn.init.zeros_(self.bigram.weight)
        nn.init.zeros_(self.trigram.weight)
        for layer in self.layers:
            for matrix in (layer.attention.qkv, layer.feed_forward.gate_up):
                nn.init.normal_(matrix.weight, std=1 / math.sqrt(c.width))
            nn.init.zeros_(layer.attention.out.weight)
            nn.init.zeros_(layer.feed_forward.down.weight)

    def features(self, tokens):
        """tokens [B, T] -> normalised features before the output embedding [B, T, D]."""
        T = tokens.size(1)
        embed, run = self.compiled if self.compiled and self.training else (LanguageModel.embed, Layer.forward)
        first = embed(self, tokens)
        dropout = self.dropout if self.training else 0.0
        h = first.clone()  # not `first` itself, so that the first layer is the same code as the others
        for layer in self.layers:
            h = run(layer, h, first, self.cos[:T], self.sin[:T], dropout)
        return rms_norm(h)

    def embed(self, tokens):
        """The first embedding, [B, T] -> [B, T, D]: of each token and of the two n-grams that end with it."""
        bigram = self.rows(self.bigram, ngram_rows(tokens, self.c.bigram_rows, 2))
        trigram = self.rows(self.trigram, ngram_rows(tokens, self.c.trigram_rows, 3))
        if self.training and self.row_dropout > 0:
            bigram, trigram = drop_positions(bigram, self.row_dropout), drop_positions(trigram, self.row_dropout)
        return rms_norm(self.embedding(tokens) + bigram + trigram)

    def compile_layers(self) -> None:
        """Has training run compiled code. All layers are the same code, so it is compiled once for them."""
        self.compiled = torch.compile(LanguageModel.embed), torch.compile(Layer.forward)

    def rows(self, table, index):
        """Rows of an n-gram table; while training, of four bits where the file will have four. index [B, T] -> [B, T, D]."""
        x = table(index)
        return rounded_rows(x) if self.training and self.c.table_bits == 4 else x

    def logits(self, tokens):
        """tokens [B, T] -> logits of the next token [B, T, V], float32."""
        x = self.features(tokens)
        return F.linear(x.float(), self.embedding.weight.float()) * self.logit_scale + self.output_bias

    def forward(self, tokens, targets):
        """Negative log likelihood of each target in nats, [B*T]."""
        return self.loss(self.features(tokens), targets)

    def loss(self, features, targets, teacher: Teacher | None = None):
        """The same of features [B, T, D]."""
        x = features.reshape(-1, self.c.width)
        output = self.embedding.weight, self.output_bias, self.logit_scale
        return CrossEntropy.apply(x, *output, targets.reshape(-1), teacher, torch.is_grad_enabled())

    def teacher(self, features, share: float) -> Teacher:
        """What this model says of the positions of its features [B, T, D], for another one to learn."""
        content = features.reshape(-1, self.c.width), self.embedding.weight, self.output_bias, self.logit_scale
        return Teacher(*(x.detach() for x in content), content[0].new_full((len(content[0]),), share, dtype=torch.float32))


def drop_positions(x, share: float):
    """Zeros at a random `share` of the positions, the rest scaled so that the mean stays. x [B, T, D]."""
    return x * F.dropout(x.new_ones(x.shape[:-1]), share)[..., None]


# The step, by the root of a row's mean square, that rounds normally distributed numbers to fifteen values with the least squared error.
FOUR_BIT_STEP = 0.335


def rounded_rows(x):
    """Rows as export.py rounds them to four bits, but for their scales; gradients go through as if nothing were rounded (Bengio et
    al., 2013). x [..., D].
    """
    step = FOUR_BIT_STEP * x.square().mean(-1, keepdim=True).sqrt().clamp_min(1e-12)
    return x + ((x / step).round().clamp(-7, 7) * step - x).detach()
