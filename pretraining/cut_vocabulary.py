"""The vocabulary of a cut tokenizer beside the whole one: every token there is one or several here.

Merges apply in order of their rank, and what a late merge made no earlier merge can use: taking the late merges apart again
gives the tokens of the shorter list.
"""

import numpy as np
import torch

from loss import Teacher
from tokenizer import BytePairTokenizer


def parts_of_tokens(whole: BytePairTokenizer, cut: BytePairTokenizer) -> list[list[int]]:
    """The cut vocabulary's tokens of each token of the whole one."""
    index = {token: i for i, token in enumerate(cut.tokens)}
    parts = [[index[t]] if t in index else [] for t in whole.tokens]
    position = {token: i for i, token in enumerate(whole.tokens)}
    for a, b in whole.merges[len(cut.merges) :]:
        made = position[whole.tokens[a] + whole.tokens[b]]
        if not parts[made]:
            parts[made] = parts[a] + parts[b]
    return parts


class TokenParts:
    """The parts of every token, to take arrays of tokens apart."""

    def __init__(self, whole: BytePairTokenizer, cut: BytePairTokenizer):
        self.parts = parts_of_tokens(whole, cut)
        self.counts = np.array([len(p) for p in self.parts])
        self.first = np.cumsum(self.counts) - self.counts
        self.flat = np.array([t for p in self.parts for t in p], dtype=np.uint16)

    def taken_apart(self, tokens: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The parts, and where each token's parts begin."""
        counts = self.counts[tokens]
        begins = np.cumsum(counts) - counts
        within = np.arange(int(counts.sum())) - np.repeat(begins, counts)
        return self.flat[np.repeat(self.first[tokens], counts) + within], begins


class CutVocabulary:
    """Lets a model with the cut vocabulary (V' tokens) learn from a teacher with the whole one (V).

    Where a token of the whole vocabulary begins, the cut vocabulary's next token is the first part of it, so that the teacher's
    probabilities, added up by first parts, are a distribution of what comes there. Inside a token it says nothing.
    """

    def __init__(self, whole: BytePairTokenizer, cut: BytePairTokenizer, device):
        self.token_parts = TokenParts(whole, cut)
        parts = self.token_parts.parts
        most = max(map(len, parts))
        self.parts = torch.tensor([p + [0] * (most - len(p)) for p in parts], device=device)
        self.counts = torch.tensor([len(p) for p in parts], device=device)
        single = {p[0]: i for i, p in enumerate(parts) if len(p) == 1}
        alike = [single[i] for i in range(len(cut.tokens))]
        others = sorted(set(range(len(parts))) - set(alike))
        self.order = torch.tensor(alike + others, device=device)
        self.first_parts = torch.tensor([parts[i][0] for i in others], device=device)

    def windows(self, tokens):
        """tokens [B, T + 1] of the whole vocabulary -> the first T + 1 of the cut one from there, [B, T + 1], and for each of
        them the index in `tokens` of the token that it begins, or 0 where it begins none.
        """
        B, T = tokens.size(0), tokens.size(1) - 1
        counts = self.counts[tokens]
        begins = counts.cumsum(1) - counts
        cut, source = tokens.new_zeros(2, B, T + 2)  # what does not fit goes to the last column
        parts = self.parts[tokens]
        for k in reversed(range(parts.size(2))):
            position = torch.where(k < counts, begins + k, T + 1).clamp(max=T + 1)
            cut.scatter_(1, position, parts[:, :, k])
        source.scatter_(1, position, torch.arange(T + 1, device=tokens.device).expand(B, -1).contiguous())
        return cut[:, : T + 1], source[:, : T + 1]

    def heldout(self, sets):
        """The sets of data.heldout with the cut vocabulary's tokens."""
        return {
            category: {
                name: (self.token_parts.taken_apart(tokens)[0].astype(np.int64), size)
                for name, (tokens, size) in files.items()
            }
            for category, files in sets.items()
        }

    def teacher(self, teacher: Teacher, source) -> Teacher:
        """What `teacher` says of the targets of the cut vocabulary. source [B, T]: of each target, as `windows` gives it."""
        B, T = source.shape
        features = teacher.features.view(B, -1, teacher.features.size(-1))
        rows = torch.arange(B, device=source.device)[:, None]
        return Teacher(
            features[rows, (source - 1).clamp(min=0)].view(B * T, -1),
            teacher.weight[self.order],
            teacher.bias[self.order],
            teacher.scale,
            teacher.share.view(B, -1)[:, :T].reshape(-1) * (source > 0).view(-1),
            self.first_parts,
        )
