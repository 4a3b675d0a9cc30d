"""Token arrays of prepare_data.py in parts that travel: to a machine that can be sent a limited number of bytes at a time.

    python parts.py pack --data DIR --shares 0.25 0.375 0.375 --out PARTS     # PARTS/part1.tar, PARTS/part2.tar, …
    python parts.py unpack PARTS/part1.tar --out DIR/part1                    # what train.py's --data takes

Every part has its share of each category's documents, in order; the first has the held-out sets. Arrays are under xz (5.3 bits
a token). A folder gets its name once it is whole, so that train.py may look for it at any time.
"""

import argparse
import io
import lzma
import shutil
import tarfile
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import numpy as np


def cut(tokens: np.ndarray, starts: np.ndarray, shares: list[float]) -> list[tuple[np.ndarray, np.ndarray]]:
    """The tokens and document starts of each part. [N], [documents] -> len(shares) pairs."""
    wanted = np.cumsum(shares)[:-1] * len(tokens)
    inner = [int(starts[i]) if i < len(starts) else len(tokens) for i in np.searchsorted(starts, wanted)]
    edges = [0, *inner, len(tokens)]
    return [(tokens[a:b], starts[(starts >= a) & (starts < b)] - a) for a, b in pairwise(edges)]


def compressed(array: np.ndarray) -> bytes:
    content = io.BytesIO()
    np.save(content, array)
    return lzma.compress(content.getvalue())


def compressed_parts(path: Path, shares: list[float]) -> list[tuple[bytes, bytes]]:
    parts = cut(np.load(path), np.load(path.with_suffix(".starts.npy")), shares)
    return [(compressed(tokens), compressed(starts)) for tokens, starts in parts]


def pack(data: Path, shares: list[float], out: Path) -> None:
    if abs(sum(shares) - 1) > 1e-6:
        raise SystemExit(f"--shares: together {sum(shares)}, not 1")
    paths = sorted(p for p in (data / "train").glob("*.npy") if not p.name.endswith(".starts.npy"))
    if not paths or not (data / "valid").exists():
        raise SystemExit(f"{data}: not a folder of prepare_data.py")
    out.mkdir(parents=True, exist_ok=True)
    targets = [out / f"part{i + 1}.tar" for i in range(len(shares))]
    files = [tarfile.open(target, "w") for target in targets]

    def add(file: tarfile.TarFile, name: str, content: bytes) -> None:
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        file.addfile(entry, io.BytesIO(content))

    with ProcessPoolExecutor(2) as pool:
        for path, parts in zip(paths, pool.map(compressed_parts, paths, [shares] * len(paths)), strict=True):
            for file, (tokens, starts) in zip(files, parts, strict=True):
                add(file, f"train/{path.name}.xz", tokens)
                add(file, f"train/{path.stem}.starts.npy.xz", starts)
    for path in sorted((data / "valid").iterdir()):
        add(files[0], f"valid/{path.name}.xz", lzma.compress(path.read_bytes()))
    for target, file in zip(targets, files, strict=True):
        file.close()
        print(f"{target}: {target.stat().st_size} bytes")


def unpack(part: Path, out: Path) -> None:
    unfinished = out.with_name(out.name + ".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    with tarfile.open(part) as file:
        contents = {entry.name: file.extractfile(entry).read() for entry in file if entry.isfile()}

    def write(item: tuple[str, bytes]) -> None:
        target = unfinished / item[0].removesuffix(".xz")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(lzma.decompress(item[1]))

    with ThreadPoolExecutor() as pool:
        list(pool.map(write, contents.items()))
    unfinished.rename(out)


def main() -> None:
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(dest="command", required=True)
    packing = commands.add_parser("pack")
    packing.add_argument("--data", type=Path, required=True)
    packing.add_argument("--shares", type=float, nargs="+", required=True)
    packing.add_argument("--out", type=Path, required=True)
    unpacking = commands.add_parser("unpack")
    unpacking.add_argument("part", type=Path)
    unpacking.add_argument("--out", type=Path, required=True)
    a = parser.parse_args()
    if a.command == "pack":
        pack(a.data, a.shares, a.out)
    else:
        unpack(a.part, a.out)


if __name__ == "__main__":
    main()
