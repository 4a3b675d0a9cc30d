"""Does what README.md shows, and looks whether it comes to the same: python3 readme.py LMZ README CORPORA

Sessions run in a folder with copies of the samples in CORPORA; commands with a comment behind them are for files of one's own,
and are not run. Of the tables, what lmz makes of the samples, and the bytes of every level, are measured again.
Ends with status 1 where anything differs.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

LMZ, README, CORPORA = (Path(p).resolve() for p in sys.argv[1:4])
# The options behind the columns of the tables; other columns are other programs.
COLUMNS = {"lmz": [], "lmz -5": ["-5"], "lmz --lm-only": ["--lm-only"], "lmz --no-lm": ["--no-lm"]}
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


def size(sample: str, options: list[str]) -> str:
    archive = subprocess.run([LMZ, "-qc", *options, CORPORA / sample], capture_output=True, check=True).stdout
    return str(len(archive))


def check_tables(text: str) -> None:
    header: list[str] = []
    totals: dict[str, int] = {}
    for line in text.splitlines():
        if not line.startswith("|"):
            header, totals = [], {}
            continue
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not header:
            header = cells
            continue
        row = dict(zip(header, cells, strict=True))
        if row.get("file") and (CORPORA / row["file"]).exists():
            for column, options in COLUMNS.items():
                found = size(row["file"], options)
                totals[column] = totals.get(column, 0) + int(found)
                check(f"{row['file']}, {column}", row[column], found)
        elif row.get("file") == "total":
            for column, total in totals.items():
                check(f"total, {column}", row[column], str(total))
        elif level := re.match(r"-\d", row.get("level", "")):
            check(f"{LEVELS_OF}, {level[0]}", row["bytes"], size(LEVELS_OF, [level[0]]))


text = README.read_text()
for commands in sessions(text):
    run_session(commands)
check_tables(text)
print(f"what {README.name} shows: {checked - wrong} passed, {wrong} failed")
sys.exit(1 if wrong or not checked else 0)
