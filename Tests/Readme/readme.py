"""Does what README.md shows, and looks whether it comes to the same: python3 readme.py LMZ README CORPORA [FOLDER...]

Sessions run in a folder with copies of the samples in CORPORA; commands with a comment behind them are for files of one's own,
and are not run. Of the tables, what lmz makes of the files in CORPORA and FOLDERs, of the categories of text there (CATEGORY__*),
and the bytes of every level, are measured again; rows of files that are not there are left out.
Ends with status 1 where anything differs.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

LMZ, README, CORPORA, *FOLDERS = (Path(p).resolve() for p in sys.argv[1:])
# What the table of levels was measured with.
LEVELS_OF = "english.txt"
checked, wrong = 0, 0


def check(what: str, expected: str, found: str) -> None:
    global checked, wrong
    checked += 1
    if expected != found:
        wrong += 1
        print(f"{README.name}: {what}\n  it says: {expected}\n  it is:   {found}", file=sys.stderr)


def sessions(text: str):
    """Each session's commands with the output that is shown for them."""
    for block in re.findall(r"^```console\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        commands = []
        for line in block.splitlines():
            if line.startswith("$ "):
                commands.append((line[2:], []))
            else:
                commands[-1][1].append(line)
        yield commands


def run_session(commands) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for sample in CORPORA.iterdir():
            shutil.copy(sample, folder)
        environment = os.environ | {"PATH": f"{LMZ.parent}:{os.environ['PATH']}"}
        for command, expected in commands:
            if " # " in command:
                continue
            result = subprocess.run(
                ["bash", "-c", command], cwd=folder, env=environment, text=True, stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            check(f"$ {command}", "\n".join(expected), result.stdout.rstrip("\n"))


def size(content: bytes, options: list[str]) -> int:
    return len(subprocess.run([LMZ, "-qc", *options], input=content, capture_output=True, check=True).stdout)


def contents(name: str, head: int | None) -> list[bytes]:
    """Of the file of that name, or of the files of that category."""
    for pattern in (name, f"{name}__*"):
        for folder in (CORPORA, *FOLDERS):
            if files := sorted(folder.rglob(pattern)):
                return [file.read_bytes()[:head] for file in files]
    return []


def tables(text: str):
    """Each table's caption, which is the line above it, and its rows by column."""
    caption, lines = "", []
    for line in [*text.splitlines(), ""]:
        if line.startswith("|"):
            lines.append([cell.strip() for cell in line.strip("|").split("|")])
            continue
        if lines:
            yield caption, [dict(zip(lines[0], cells, strict=True)) for cells in lines[2:]]
        caption, lines = line or caption, []


def check_sizes(caption: str, rows: list[dict[str, str]]) -> None:
    """Of a table that has files or categories as rows, what programs make of them as columns, and perhaps a total."""
    head = re.search(r"--head (\d+)", caption)
    measured = []
    for row in rows:
        name = next(iter(row.values()))
        if name == "total":
            if len(measured) < len(rows) - 1:
                continue
            found = {column: sum(sizes[column] for sizes in measured) for column in measured[0]}
        else:
            inputs = contents(name, int(head[1]) if head else None)
            if not inputs:
                continue
            found = {"bytes": sum(map(len, inputs))}
            for column in row:
                # Its name says how lmz was called; other columns are other programs.
                program, *options = column.split() or [""]
                if program == "lmz":
                    found[column] = sum(size(content, options) for content in inputs)
            measured.append(found)
        for column, value in found.items():
            check(f"{name}, {column}", row[column], str(value))


def check_levels(rows: list[dict[str, str]]) -> None:
    for row in rows:
        level = row["level"].split()[0]
        check(f"{LEVELS_OF}, {level}", row["bytes"], str(size((CORPORA / LEVELS_OF).read_bytes(), [level])))


text = README.read_text()
for commands in sessions(text):
    run_session(commands)
for caption, rows in tables(text):
    if "level" in rows[0]:
        check_levels(rows)
    elif {"bytes", "lmz"} <= rows[0].keys():
        check_sizes(caption, rows)
print(f"what {README.name} shows: {checked - wrong} passed, {wrong} failed")
sys.exit(1 if wrong or not checked else 0)
