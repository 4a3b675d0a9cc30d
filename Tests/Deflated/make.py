"""Writes the files of this folder: python make.py, with zlib-ng, deflate and zopfli from PyPI, 7z and lbzip2."""
import base64
import bz2
import email.charset
import email.header
import email.message
import gzip
import io
import json
import random
import struct
import subprocess
import tarfile
import tempfile
import zipfile
import zlib
from pathlib import Path

import deflate
import zopfli.gzip
from zlib_ng import gzip_ng

HERE = Path(__file__).parent
CORPORA = HERE.parent.parent / "corpora"
DATE = (2026, 11, 29, 0, 0, 0)


def sample(name, start, count):
    return (CORPORA / name).read_bytes()[start : start + count]


class Pipe(io.RawIOBase):
    """Of what was written there is no going back."""

    def __init__(self):
        self.bytes = b""

    def writable(self):
        return True

    def write(self, more):
        self.bytes += more
        return len(more)


def archive(name, members, to=None):
    with zipfile.ZipFile(to or HERE / name, "w") as file:
        for member, content, level in members:
            info = zipfile.ZipInfo(member, DATE)
            method = zipfile.ZIP_DEFLATED if level else zipfile.ZIP_STORED
            file.writestr(info, content, method, level)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def image(width, height, chunk_length):
    """Bars and a little noise, every row as differences to the row above."""
    noise = random.Random(1)
    rows = []
    for y in range(height):
        row = bytearray()
        for x in range(width):
            bar = (x // 40 + 1) * 31 % 200 > height - y
            row += bytes([40, 80 + x // 40 * 9, 200]) if bar else b"\xff\xff\xff"
        for _ in range(3):
            row[noise.randrange(len(row))] ^= 1 << noise.randrange(8)
        rows.append(bytes(row))
    before = bytes(3 * width)
    data = b""
    for row in rows:
        data += b"\2" + bytes((a - b) & 255 for a, b in zip(row, before))
        before = row
    packer = zlib.compressobj(6, zlib.DEFLATED, 15, 8, zlib.Z_FILTERED)
    stream = packer.compress(data) + packer.flush()
    parts = [stream[i : i + chunk_length] for i in range(0, len(stream), chunk_length)]
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
        + b"".join(chunk(b"IDAT", part) for part in parts) + chunk(b"IEND", b"")
    )


def pdf(texts):
    file = b"%PDF-1.4\n"
    for i, text in enumerate(texts):
        packer = zlib.compressobj(9, zlib.DEFLATED, 14 - i)
        stream = packer.compress(text) + packer.flush()
        head = f"{i + 1} 0 obj\n<< /Length {len(stream)} /Filter /FlateDecode >>\nstream\n"
        file += head.encode() + stream + b"\nendstream\nendobj\n"
    return file + b"%%EOF\n"


archive("document.zip", [
    ("mimetype", b"application/x-test", 0),
    ("english.txt", sample("english.txt", 0, 20_000), 6),
    ("japanese.txt", sample("japanese.txt", 0, 12_000), 6),
    ("code.swift", sample("code.swift.txt", 0, 16_000), 6),
    ("data.json", sample("data.json", 0, 8_000), 6),
    ("empty", b"", 6),
])
archive("levels.zip", [
    (f"{level}.txt", sample("code.swift.txt", 20_000, 24_000), level) for level in range(1, 10)
])
pipe = Pipe()
archive("described.zip", [
    ("english.txt", sample("english.txt", 70_000, 5_000), 6),
    ("empty", b"", 6),
    ("japanese.txt", sample("japanese.txt", 70_000, 5_000), 9),
], pipe)
(HERE / "described.zip").write_bytes(pipe.bytes)
english = sample("english.txt", 30_000, 24_000)
(HERE / "zlib-ng.gz").write_bytes(gzip_ng.compress(english, 7, mtime=0))
(HERE / "zlib-ng-6.gz").write_bytes(gzip_ng.compress(english, 6, mtime=0))
(HERE / "libdeflate.gz").write_bytes(deflate.gzip_compress(english, 9))
(HERE / "zopfli.gz").write_bytes(zopfli.gzip.compress(english))
with tempfile.TemporaryDirectory() as folder:
    command = ["7z", "a", "-tgzip", "-mx=5", "-mtc=off", "-si", f"{folder}/7-zip.gz"]
    subprocess.run(command, input=english, stdout=subprocess.DEVNULL, check=True)
    (HERE / "7-zip.gz").write_bytes(Path(folder, "7-zip.gz").read_bytes())
(HERE / "package.log.gz").write_bytes(gzip.compress(sample("package.log", 0, 60_000), 9, mtime=0))
(HERE / "page.pdf").write_bytes(pdf([english[:9_000], english[9_000:17_000]]))
(HERE / "chart.png").write_bytes(image(400, 150, 1024))
packer = zlib.compressobj(6, zlib.DEFLATED, -15, 9)
flushed = b"".join(
    packer.compress(english[i : i + 6_000])
    + packer.flush(zlib.Z_SYNC_FLUSH if i < 18_000 else zlib.Z_FINISH)
    for i in range(0, len(english), 6_000)
)
(HERE / "flushed.gz").write_bytes(
    b"\x1f\x8b\x08\x00\0\0\0\0\0\3" + flushed + struct.pack("<II", zlib.crc32(english), len(english))
)

blocks = bz2.compress(sample("package.log", 0, 90_000) + sample("data.json", 0, 40_000), 1)
(HERE / "blocks.bz2").write_bytes(blocks + bz2.compress(english[20_000:28_000]))
(HERE / "lbzip2.bz2").write_bytes(
    subprocess.run(["lbzip2"], input=english[:20_000], stdout=subprocess.PIPE, check=True).stdout
)
with tempfile.TemporaryDirectory() as folder:
    Path(folder, "text").write_bytes(b"-" * 1_000 + english[:8_000] + b"=" * 300)
    command = ["7z", "a", "-tbzip2", "7-zip.bz2", "text"]
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True, cwd=folder)
    (HERE / "7-zip.bz2").write_bytes(Path(folder, "7-zip.bz2").read_bytes())

chart = (HERE / "chart.png").read_bytes()
japanese = sample("japanese.txt", 20_000, 6_000)
MAIL = """From: a@example.org\r
To: b@example.org\r
Subject: two attachments\r
MIME-Version: 1.0\r
Content-Type: multipart/mixed; boundary="part"\r
"""
parts = [("text/plain; charset=utf-8", japanese), ("application/gzip", (HERE / "zlib-ng.gz").read_bytes())]
mail = MAIL.encode()
for kind, content in parts:
    head = f"\r\n--part\r\nContent-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    mail += head.encode() + base64.encodebytes(content).replace(b"\n", b"\r\n")
(HERE / "mail.eml").write_bytes(mail + b"\r\n--part--\r\n")


def letter(charset, encoding, subject, sender, *texts):
    """A letter of a mailbox; with several texts, one of parts, the second HTML."""

    def part(kind, text):
        form = email.charset.Charset(charset)
        form.body_encoding = encoding
        result = email.message.Message()
        result["Content-Type"] = f"text/{kind}"
        result.set_payload(text, form)
        return result

    if len(texts) > 1:
        whole = email.message.Message()
        whole["Content-Type"] = 'multipart/alternative; boundary="=_part"'
        for kind, text in zip(("plain", "html"), texts):
            whole.attach(part(kind, text))
    else:
        whole = part("plain", texts[0])
    whole["Subject"] = email.header.Header(subject, charset)
    whole["From"] = f"{email.header.Header(sender, charset).encode()} <a@example.org>"
    whole["To"] = "b@example.org"
    whole.set_unixfrom("From a@example.org Sun Nov 29 12:00:00 2026")
    return whole.as_bytes(unixfrom=True)


QP, B64 = email.charset.QP, email.charset.BASE64
lines = sample("japanese.txt", 40_000, 9_000).decode(errors="ignore").split("\n")[1:]
accents = english.decode()[4_000:7_000].replace("e", "é").replace("a", "à")
page = "".join(f'<p class="text" style="margin: 0">{line}</p>\n' for line in lines[8:14])
letters = [
    letter("utf-8", QP, lines[0][:30], "山田 太郎", "\n".join(lines[:8]) + "\n", page),
    letter("utf-8", B64, lines[1][:30], "山田 太郎", "\n".join(lines[14:18]) + "\n"),
    letter("iso-2022-jp", None, lines[2][:30], "佐藤 花子", "\n".join(lines[18:22]) + "\n"),
    letter("iso-8859-1", QP, "Très long", "Amélie", accents),
]
(HERE / "letters.mbox").write_bytes(b"\n".join(letters))
tar = io.BytesIO()
with tarfile.open(fileobj=tar, mode="w", format=tarfile.USTAR_FORMAT) as file:
    for name in ["chart.png", "7-zip.bz2", "7-zip.gz"]:
        info = tarfile.TarInfo(name)
        content = (HERE / name).read_bytes()
        info.size = len(content)
        file.addfile(info, io.BytesIO(content))
(HERE / "within.tar.gz").write_bytes(gzip.compress(tar.getvalue(), mtime=0))
cells = [
    {"cell_type": "markdown", "metadata": {}, "source": english.decode()[:2_000].splitlines(True)},
    {
        "cell_type": "code",
        "execution_count": 1,
        "metadata": {},
        "outputs": [
            {
                "data": {"image/png": content, "text/plain": ["<Figure size 400x150>"]},
                "metadata": {},
                "output_type": "display_data",
            }
            for content in (base64.encodebytes(chart).decode(), base64.b64encode(chart).decode())
        ],
        "source": sample("code.swift.txt", 0, 1_500).decode().splitlines(True),
    },
]
notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
(HERE / "notebook.ipynb").write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n")
