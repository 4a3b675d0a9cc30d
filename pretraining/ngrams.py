"""Counts which tokens follow which in the training text, keeps what the language model is likely not to know, and writes
the n-gram file that is shipped beside the model (docs/FORMAT.md has the layout).

    python ngrams.py count --data DATA --out COUNTS.npz
    python ngrams.py write --counts COUNTS.npz --tokenizer TOKENIZER.json --decisions FOLDER --entries N --out OUT.ngrams

Legend: an entry of order k is a token after a context of the k tokens before it. `count` takes an entry once for every chunk
of text that holds it, so that what one document repeats does not look common, and keeps those whose probability is well above what the
next shorter context says (Seymore and Rosenfeld 1996). `write` fits, on text that `count` left out, how much each kind of context is to
be believed beside the language model (expectation maximisation), and keeps the N best entries. FOLDER has what
`mixing-tuner record` wrote of samples.py's pieces of that text.
"""

import argparse
import json
import struct
from pathlib import Path

import numpy as np

from data import counted_tokens

ORDERS = (2, 3, 4)
CHUNK = 4096  # tokens
TOKEN_BITS = 13
LEVELS = 16
CHECK_BITS = 10
LONGEST_LIST = 32  # successors of a context
KEPT = 3.0  # bits; entries that save less in all of the training text are not even candidates


# Keys: the tokens of context and successor in 13 bits each, the oldest in the highest; of five tokens
# the oldest loses its highest bit.
def keys_of(tokens: np.ndarray, order: int) -> np.ndarray:
    """The keys of all entries of an order in a text, in the order of the text."""
    n = len(tokens) - order
    keys = np.zeros(max(0, n), dtype=np.uint64)
    for back in range(order, -1, -1):
        keys = keys << np.uint64(TOKEN_BITS) | tokens[order - back : order - back + n]
    return keys


def groups(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where each run of equal values begins, and how long it is."""
    starts = np.flatnonzero(np.concatenate(([True], values[1:] != values[:-1])))
    return starts, np.diff(np.append(starts, len(values)))


def count_order(texts: list[np.ndarray], order: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sorted keys; in how many chunks each occurs; the sum of that over its context."""
    parts = []
    for tokens in texts:
        keys = keys_of(tokens.astype(np.uint64), order)
        parts += [np.unique(keys[i : i + CHUNK]) for i in range(0, len(keys), CHUNK)]
    keys = np.concatenate(parts)
    del parts
    keys.sort()
    first, counts = groups(keys)
    keys, counts = keys[first], counts.astype(np.int32)
    start, size = groups(keys >> np.uint64(TOKEN_BITS))
    return keys, counts, np.repeat(np.add.reduceat(counts, start).astype(np.int32), size)


def count(data: Path, out: Path) -> None:
    texts = counted_tokens(data)
    print(f"{sum(map(len, texts))} tokens", flush=True)
    result = {}
    shorter = count_order(texts, min(ORDERS) - 1)
    for order in ORDERS:
        keys, counts, sums = current = count_order(texts, order)
        often = np.flatnonzero(counts >= 2)
        below = keys[often] & np.uint64((1 << (TOKEN_BITS * order)) - 1)
        at = np.searchsorted(shorter[0], below)
        expected = shorter[1][at] / shorter[2][at]
        saved = counts[often] * np.log2((counts[often] - 0.5) / sums[often] / expected)
        kept = often[saved > KEPT]
        print(f"order {order}: {len(keys)} entries, {len(kept)} candidates", flush=True)
        result |= {
            f"keys{order}": keys[kept],
            f"counts{order}": counts[kept],
            f"sums{order}": sums[kept],
            f"saved{order}": saved[saved > KEPT].astype(np.float32),
        }
        shorter = current
    np.savez(out, **result)


def read_decisions(path: Path, ids: dict[bytes, int]) -> tuple[np.ndarray, np.ndarray]:
    """What the language model says of a text: its tokens, and the log2 of the probability of each."""
    entries = np.fromfile(path, dtype=np.uint64)
    kind = entries >> np.uint64(16) & np.uint64(15)
    is_token, is_byte = kind == 14, kind == 15
    p = (entries & np.uint64(0xFFFF)).astype(np.float64) / 65536
    bits = np.where(is_token | is_byte, 0, np.log2(np.where(entries >> np.uint64(20) & np.uint64(1), p, 1 - p).clip(1e-9)))
    number = np.cumsum(is_token) - 1
    total = int(is_token.sum())
    logs = np.bincount(number, bits, total)
    text = ((entries >> np.uint64(21)) & np.uint64(255))[is_byte].astype(np.uint8).tobytes()
    lengths = np.bincount(number[is_byte], minlength=total)
    ends = np.cumsum(lengths)
    tokens = [ids[text[end - length : end]] for end, length in zip(ends.tolist(), lengths.tolist())]
    return np.array(tokens, dtype=np.uint64), logs


class Kept:
    """The entries of one order that are kept. Kinds of contexts: by how often it was seen and by how many successors it kept."""

    def __init__(self, order: int, keys, counts, sums):
        self.order, self.keys = order, keys
        contexts = keys >> np.uint64(TOKEN_BITS)
        self.start, self.size = groups(contexts)
        self.contexts = contexts[self.start]
        self.share = counts / sums
        self.all_shares = np.add.reduceat(self.share, self.start)
        often = np.minimum(11, np.log2(sums[self.start]).astype(int))
        many = np.searchsorted([1, 2, 4, 11], self.size)
        self.kind = often * 5 + many
        self.trust = np.full(60, 0.3)

    def look_up(self, tokens: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Of every token: the kind of its context, -1 where there is none; the token's share after it; that of all that were kept."""
        keys = keys_of(np.concatenate((np.zeros(self.order, np.uint64), tokens)), self.order)
        at = np.searchsorted(self.contexts, keys >> np.uint64(TOKEN_BITS)).clip(max=len(self.contexts) - 1)
        known = self.contexts[at] == keys >> np.uint64(TOKEN_BITS)
        entry = np.searchsorted(self.keys, keys).clip(max=len(self.keys) - 1)
        share = np.where(known & (self.keys[entry] == keys), self.share[entry], 0)
        return np.where(known, self.kind[at], -1), share, np.where(known, self.all_shares[at], 0)


def mixed(orders: list[Kept], looked: list, alone: np.ndarray) -> list[np.ndarray]:
    """The tokens' probabilities by the language model alone, with the shortest contexts, and so on. A context gives `trust` of
    the probability to its successors by their shares; what it did not keep goes to the next shorter one like the rest."""
    result = [alone]
    for o, (kind, share, all_shares) in zip(orders, looked):
        trust = np.where(kind >= 0, o.trust[kind], 0)
        result.append(result[-1] * (1 - trust * all_shares) + trust * share)
    return result


def fit(orders: list[Kept], samples: list[tuple[np.ndarray, np.ndarray]], rounds: int = 20) -> None:
    """Sets every order's `trust`, by kind of context, by expectation maximisation."""
    looked = [[np.concatenate(x) for x in zip(*(o.look_up(tokens) for tokens, _ in samples))] for o in orders]
    alone = np.exp2(np.concatenate([logs for _, logs in samples]))
    for _ in range(rounds):
        levels = mixed(orders, looked, alone)
        reached = np.ones_like(alone)
        for o, (kind, share, all_shares), below, here in reversed(list(zip(orders, looked, levels, levels[1:]))):
            used = kind >= 0
            trust = np.where(used, o.trust[kind], 0)
            chosen = reached * trust * (share + (1 - all_shares) * below) / here
            o.trust = (np.bincount(kind[used], chosen[used], 60) + 0.3) / (np.bincount(kind[used], reached[used], 60) + 1)
            reached = reached * (1 - trust * all_shares) * below / here
    bits = [-np.log2(p).sum() / 8 for p in mixed(orders, looked, alone)]
    print(f"language model {bits[0]:.0f} bytes, with n-grams {bits[-1]:.0f}")


def levels_of(values: np.ndarray) -> np.ndarray:
    """LEVELS representatives of probabilities, near in the logarithm (Lloyd 1982)."""
    logs = np.log2(values)
    levels = np.quantile(logs, (np.arange(LEVELS) + 0.5) / LEVELS)
    for _ in range(30):
        nearest = np.abs(logs[:, None] - levels).argmin(1)
        levels = np.array([logs[nearest == i].mean() if (nearest == i).any() else levels[i] for i in range(LEVELS)])
    return np.sort(np.exp2(levels))


def hashes(order: int, contexts: np.ndarray) -> np.ndarray:
    h = (contexts + np.uint64(order << 60)) * np.uint64(0x9E3779B97F4A7C15)
    return (h ^ h >> np.uint64(32)) * np.uint64(0xD6E8FEB86659FD93)


def fingerprint(tokens: list[bytes]) -> int:
    """FNV-1a over the length and the bytes of every token."""
    h = 0xCBF29CE484222325
    for token in tokens:
        for byte in (len(token), *token):
            h = (h ^ byte) * 0x100000001B3 % 2**64
    return h


def pack(orders: list[Kept], tokens: list[bytes]) -> bytes:
    said = [o.share * np.repeat(o.trust[o.kind], o.size) for o in orders]
    levels = np.round(levels_of(np.concatenate(said)[::7]) * 65536).clip(1, 65535).astype(np.uint16)
    # Contexts in the order of their hashes; entries of each context behind each other.
    h = np.concatenate([hashes(o.order, o.contexts) for o in orders])
    number = len(h)
    log2_buckets = max(0, number.bit_length() - 4)
    by_hash = np.argsort(h, kind="stable")
    sizes = np.concatenate([o.size for o in orders])[by_hash]
    first = np.concatenate([o.start + offset for o, offset in zip(orders, np.cumsum([0] + [len(o.keys) for o in orders]))])[by_hash]
    h = h[by_hash]
    context_bits = CHECK_BITS + sizes * (TOKEN_BITS + 5)
    position = np.cumsum(context_bits) - context_bits
    bits = np.zeros(int(context_bits.sum()), dtype=np.uint8)

    def put(at, values, count):
        for j in range(count):
            bits[at + j] = values >> np.uint64(count - 1 - j) & np.uint64(1)

    put(position, h >> np.uint64(64 - log2_buckets - CHECK_BITS), CHECK_BITS)
    within = np.arange(int(sizes.sum())) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    entry = np.repeat(first, sizes) + within
    at = np.repeat(position + CHECK_BITS, sizes) + within * (TOKEN_BITS + 5)
    successor = np.concatenate([o.keys for o in orders])[entry] & np.uint64((1 << TOKEN_BITS) - 1)
    value = np.concatenate(said)[entry]
    level = np.abs(np.log2(value)[:, None] - np.log2(levels / 65536)).argmin(1)
    put(at, successor, TOKEN_BITS)
    put(at + TOKEN_BITS, level.astype(np.uint64), 4)
    put(at + TOKEN_BITS + 4, (within + 1 < np.repeat(sizes, sizes)).astype(np.uint64), 1)
    bucket = (h >> np.uint64(64 - log2_buckets)).astype(np.int64) if log2_buckets else np.zeros(number, np.int64)
    ends = np.append(position, len(bits))
    offsets = ends[np.searchsorted(bucket, np.arange((1 << log2_buckets) + 1))].astype("<u4")
    header = b"LMZNGRAM" + struct.pack(
        "<IIQBBBBI", 1, len(tokens), fingerprint(tokens), log2_buckets, CHECK_BITS, TOKEN_BITS, max(o.order for o in orders), len(entry)
    )
    print(f"{len(entry)} entries of {number} contexts, levels {levels.tolist()}")
    return header + levels.astype("<u2").tobytes() + offsets.tobytes() + np.packbits(bits).tobytes()


def write(arguments) -> None:
    with open(arguments.tokenizer) as f:
        tokens = [bytes.fromhex(t) for t in json.load(f)["tokens"]]
    ids = {t: i for i, t in enumerate(tokens)}
    with np.load(arguments.counts) as counts:
        saved = [counts[f"saved{k}"] for k in ORDERS]
        least = np.sort(np.concatenate(saved))[::-1][: arguments.entries][-1]
        kept = []
        for k, s in zip(ORDERS, saved):
            chosen = s >= least
            keys = counts[f"keys{k}"][chosen]
            kept.append(Kept(k, *shortened(keys, counts[f"counts{k}"][chosen], counts[f"sums{k}"][chosen])))
            print(f"order {k}: {len(kept[-1].keys)} entries that save {least:.1f} bits or more", flush=True)
    samples = [read_decisions(path, ids) for path in sorted(arguments.decisions.glob("*.decisions"))]
    fit(kept, samples)
    arguments.out.write_bytes(pack(kept, tokens))


def shortened(keys, counts, sums):
    """Without all but the LONGEST_LIST most frequent successors of a context."""
    contexts = keys >> np.uint64(TOKEN_BITS)
    order = np.lexsort((-counts, contexts))
    rank = np.arange(len(keys)) - np.repeat(*groups(contexts))
    chosen = np.sort(order[rank < LONGEST_LIST])
    return keys[chosen], counts[chosen], sums[chosen]


def main() -> None:
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(dest="command", required=True)
    counting = commands.add_parser("count")
    counting.add_argument("--data", type=Path, required=True, help="what prepare_data.py wrote")
    counting.add_argument("--out", type=Path, required=True)
    writing = commands.add_parser("write")
    writing.add_argument("--counts", type=Path, required=True)
    writing.add_argument("--tokenizer", required=True)
    writing.add_argument("--decisions", type=Path, required=True)
    writing.add_argument("--entries", type=int, required=True)
    writing.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    if arguments.command == "count":
        count(arguments.data, arguments.out)
    else:
        write(arguments)


if __name__ == "__main__":
    main()
