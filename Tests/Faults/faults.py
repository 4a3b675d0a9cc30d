"""Does to lmz what happens to programs, and looks at what is lost: python3 faults.py LMZ CORPUS [--quick]

Prints a Markdown table; ends with status 1 where anything was lost. Needs Linux; as root it also fills a disk of its own.
"""

import hashlib
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

LMZ, CORPUS = os.path.abspath(sys.argv[1]), Path(sys.argv[2]).resolve()
QUICK = "--quick" in sys.argv
random.seed(7)
texts = [p.read_bytes() for p in sorted(CORPUS.iterdir()) if p.suffix in {".txt", ".json", ".log"}]
rows, lost = [], 0


def lmz(*arguments, **options):
    options.setdefault("stdin", subprocess.DEVNULL)
    return subprocess.run([LMZ, *arguments], capture_output=True, **options)


def report(what, times, wrong, note=""):
    global lost
    lost += wrong
    rows.append((what, times, wrong, note))
    print(f"{what}: {times} times, {wrong} wrong {note}", file=sys.stderr, flush=True)


def content(size, kind):
    """`size` bytes of some kind."""
    text = random.choice(texts)
    start = random.randrange(max(1, len(text) - size))
    part = text[start:start + size]
    if kind == "text":
        return part
    if kind == "random":
        return random.randbytes(size)
    if kind == "zeros":
        return bytes(size)
    if kind == "records":
        record = random.randbytes(random.randrange(2, 40))
        return b"".join(record + bytes([i & 255]) for i in range(size // 8))[:size]
    if kind == "repeats":
        return (part[:max(1, size // 9)] * 10)[:size]
    # Text with noise in it.
    damaged = bytearray(part)
    for _ in range(len(damaged) // 20):
        damaged[random.randrange(len(damaged))] = random.randrange(256)
    return bytes(damaged)


def round_trips(count):
    """Files of random sizes and kinds, several at once, as a user would."""
    wrong = 0
    kinds = ["text", "random", "zeros", "records", "repeats", "noise"]
    while count > 0:
        with tempfile.TemporaryDirectory() as folder:
            originals = {}
            for i in range(min(50, count)):
                size = min(65536, int(2 ** random.uniform(0, 16.2)) - 1)
                originals[f"{folder}/{i}"] = content(size, random.choice(kinds))
            for name, data in originals.items():
                Path(name).write_bytes(data)
            level = random.choice(["-1", "-3", "-4", "-6", "--no-lm"])
            done = lmz(level, "--rm", *originals)
            back = lmz("-d", "--rm", *(name + ".lmz" for name in originals))
            if done.returncode or back.returncode:
                wrong += 1
            for name, data in originals.items():
                if not os.path.exists(name) or Path(name).read_bytes() != data:
                    wrong += 1
            count -= len(originals)
    return wrong


def killed(number, times):
    """Signals at random moments of `lmz --rm` and of `lmz -d --rm`."""
    wrong = leftovers = finished = 0
    data = content(30000, "text")
    with tempfile.TemporaryDirectory() as folder:
        name = f"{folder}/a"
        Path(name).write_bytes(data)
        start = time.time()
        lmz("-4", "--rm", name)
        middle = time.time()
        archive = Path(name + ".lmz").read_bytes()
        lmz("-d", "--rm", name + ".lmz")
        runtime = (middle - start, time.time() - middle)
        for i in range(times):
            for entry in os.listdir(folder):
                os.unlink(f"{folder}/{entry}")
            source, original = (name, data) if i % 2 == 0 else (name + ".lmz", archive)
            target = name + ".lmz" if i % 2 == 0 else name
            Path(source).write_bytes(original)
            process = subprocess.Popen(
                [LMZ, *(["-4"] if i % 2 == 0 else ["-d"]), "--rm", "-q", source],
                stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                # A program in the background may have been started with SIGINT ignored.
                preexec_fn=lambda: number != signal.SIGKILL and signal.signal(number, signal.SIG_DFL))
            time.sleep(random.uniform(0, 1.4 * runtime[i % 2]))
            process.send_signal(number)
            status = process.wait()
            names = set(os.listdir(folder))
            kept = os.path.basename(source) in names and Path(source).read_bytes() == original
            whole = os.path.basename(target) in names and (
                Path(target).read_bytes() == (archive if i % 2 == 0 else data))
            finished += whole
            if not kept and not whole:
                wrong += 1
            if os.path.basename(target) in names and not whole:
                wrong += 1
            temporary = [n for n in names if n.endswith(".tmp")]
            leftovers += len(temporary)
            if number != signal.SIGKILL and (temporary or status not in (0, -number)):
                wrong += 1
    return wrong, f"{finished} had finished, {leftovers} temporary files left"


def full_disk():
    """A file system without room, and a limit on the size of files."""
    wrong = times = 0
    data = content(60000, "random")

    def check(folder, **options):
        nonlocal wrong, times
        source = f"{folder}/a"
        for arguments in (["-1", source], ["-d", source + "b.lmz"]):
            times += 1
            before = {n: Path(f"{folder}/{n}").read_bytes() for n in os.listdir(folder)}
            done = lmz(*arguments, **options)
            after = {n: Path(f"{folder}/{n}").read_bytes() for n in os.listdir(folder)}
            if done.returncode != 1 or not done.stderr.startswith(b"lmz: ") or before != after:
                print(done, file=sys.stderr)
                wrong += 1

    def prepare(folder):
        Path(f"{folder}/a").write_bytes(data)
        lmz("-1", f"{folder}/a", "-o", f"{folder}/ab.lmz")

    with tempfile.TemporaryDirectory() as folder:
        prepare(folder)
        check(folder, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (9999, 9999)))
    if os.getuid() == 0:
        with tempfile.TemporaryDirectory() as folder:
            if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=160k", "none", folder]).returncode == 0:
                try:
                    prepare(folder)
                    check(folder)
                finally:
                    subprocess.run(["umount", folder])
    for arguments in (["-1", "-c", str(CORPUS / "english.txt")], ["--help"], ["-l", "MISSING"]):
        times += 1
        with open("/dev/full", "wb") as full:
            done = subprocess.run(
                [LMZ, *arguments], stdin=subprocess.DEVNULL, stdout=full, stderr=subprocess.PIPE)
        wrong += done.returncode != 1
    return times, wrong


def changing(times):
    """A file that grows or shrinks while it is read is not removed."""
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        name = f"{folder}/a"
        for i in range(times):
            Path(name).write_bytes(content(60000, "text"))
            process = subprocess.Popen(
                [LMZ, "-4", "-f", "--rm", name], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
            time.sleep(0.25)
            if process.poll() is None:
                with open(name, "r+b") as file:
                    file.truncate(60001 if i % 2 == 0 else 100)
                process.communicate()
                wrong += process.returncode != 1 or not os.path.exists(name)
            else:
                process.communicate()
    return wrong


def little_memory():
    """Less address space than is needed: it works or ends by itself, and says why where it is lmz that asks."""
    wrong = said = finished = times = 0
    data = content(20000, "text")
    enough = 2000
    for megabytes in [*range(60, 261, 20), enough]:
        times += 1
        limit = megabytes << 20
        try:
            done = lmz(
                "-4", "-c", input=data, stdin=None, timeout=120,
                preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)))
        except subprocess.TimeoutExpired:
            wrong += 1
            continue
        said += b"cannot allocate memory" in done.stderr
        if done.returncode == 0:
            finished += 1
            wrong += lmz("-dc", input=done.stdout, stdin=None).stdout != data
        elif megabytes == enough:
            wrong += 1
    return times, wrong, f"{finished} had enough, {said} ended with a message"


def large():
    """4.3 GB through pipes, which no file ever holds."""
    block, blocks = 1 << 20, 4100
    compressing = subprocess.Popen([LMZ, "-1", "-c"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    restoring = subprocess.Popen([LMZ, "-dc"], stdin=compressing.stdout, stdout=subprocess.PIPE)
    compressing.stdout.close()
    given, got = hashlib.sha256(), hashlib.sha256()

    def give():
        with compressing.stdin as pipe:
            for i in range(blocks):
                content = bytes(block) if i % 100 == 0 else os.urandom(block)
                given.update(content)
                pipe.write(content)

    giver = threading.Thread(target=give)
    giver.start()
    while content := restoring.stdout.read(block):
        got.update(content)
    giver.join()
    done = compressing.wait() == 0 and restoring.wait() == 0
    return int(not done or given.digest() != got.digest())


def readers():
    """Closed pipes, unreadable input, two runs at once, no right to write."""
    wrong = times = 0
    with tempfile.TemporaryDirectory() as folder:
        name = f"{folder}/a"
        Path(name).write_bytes(content(20000, "text"))
        lmz("-4", name)
        times += 1
        process = subprocess.Popen([LMZ, "-dc", name + ".lmz"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        process.stdout.close()
        process.stderr.read()
        wrong += process.wait() == 0
        times += 1
        with open("/proc/self/mem", "rb") as unreadable:
            done = subprocess.run([LMZ, "-c"], stdin=unreadable, capture_output=True)
        wrong += done.returncode != 1 or b"standard input" not in done.stderr
        for _ in range(10):
            times += 1
            os.path.exists(name + ".lmz") and os.unlink(name + ".lmz")
            both = [
                subprocess.Popen([LMZ, "-4", "-q", name], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                for _ in range(2)]
            codes = sorted(p.wait() for p in both)
            wrong += codes not in ([0, 1], [0, 0]) or lmz("-t", name + ".lmz").returncode != 0
            wrong += len(os.listdir(folder)) != 2
        if os.getuid() == 0:
            times += 1
            os.unlink(name + ".lmz")
            # A copy that another user may run, wherever the program lies.
            program = shutil.copy(LMZ, f"{folder}/lmz")
            os.mkdir(f"{folder}/closed", 0o700)
            os.chmod(folder, 0o555)
            for arguments in (["-4", name], ["-r", f"{folder}/closed"]):
                done = subprocess.run(
                    [program, *arguments], stdin=subprocess.DEVNULL, capture_output=True, user=65534)
                wrong += done.returncode != 1 or b"ermission" not in done.stderr
            os.unlink(program)
            os.rmdir(f"{folder}/closed")
            os.chmod(folder, 0o700)
        for environment in ({}, {"LC_ALL": "C"}, {"LC_ALL": "ja_JP.UTF-8"}, {"HOME": "/nowhere", "TMPDIR": "/nowhere"}):
            times += 1
            for odd in ("with space", "new\nline", "-dash", "日本語", os.fsdecode(b"not-utf8-\xff\xfe")):
                path = os.path.join(folder, odd)
                Path(path).write_bytes(b"text in a file")
                done = lmz("-1", "--rm", "--", odd, env=environment, cwd=folder)
                back = lmz("-d", "--rm", "--", odd + ".lmz", env=environment, cwd=folder)
                if done.returncode or back.returncode or Path(path).read_bytes() != b"text in a file":
                    print(environment, repr(odd), done, back, file=sys.stderr)
                    wrong += 1
    return times, wrong


count = 50 if QUICK else 1000
report("compress, restore and compare random files of 0 to 64 KB", count, round_trips(count))
for number in (signal.SIGKILL, signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    times = (200 if number == signal.SIGKILL else 40) // (10 if QUICK else 1)
    wrong, note = killed(number, times)
    report(f"{number.name} at a random moment of `--rm`", times, wrong, note)
report("no room: full file system, limited file size, /dev/full", *full_disk())
times = 4 if QUICK else 20
report("the file grows or shrinks meanwhile, with `--rm`", times, changing(times))
report("too little address space", *little_memory())
if not QUICK:
    report("4.3 GB from a pipe to a pipe", 1, large())
report("closed pipe, unreadable input, two runs at once, no permission, odd names, empty environment", *readers())
print("| what was done | times | wrong or lost | |\n|---|---:|---:|---|")
for row in rows:
    print("| " + " | ".join(map(str, row)) + " |")
sys.exit(lost > 0)
