import json
import math
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from argparse import Namespace
from pathlib import Path

import numpy as np
import torch

from learner import Learner
from mixture import SHARES
from model import Configuration, LanguageModel
from train import changed, learning_rate

PRETRAINING = Path(__file__).resolve().parents[1]
SETTINGS = [
    "vocabulary=300", "width=32", "layers=2", "heads=2", "kv_heads=1", "hidden=48", "window=32", "bigram_rows=64",
    "trigram_rows=96",
]  # fmt: skip


def write_data(folder: Path) -> None:
    """Documents of numbers that count up, which a model learns fast."""
    for part in ("train", "valid"):
        (folder / part).mkdir(parents=True)
    rng = np.random.default_rng(8)
    for category in SHARES:
        documents = [np.concatenate([[0], (np.arange(99) + rng.integers(1, 200)) % 299 + 1]) for _ in range(120)]
        np.save(folder / "train" / f"{category}.npy", np.concatenate(documents).astype(np.uint16))
        np.save(folder / "train" / f"{category}.starts.npy", np.arange(120) * 100)
    np.save(folder / "valid" / "code__numbers.npy", np.arange(300).astype(np.uint16))
    (folder / "valid" / "index.json").write_text(json.dumps({"code__numbers": {"bytes": 300, "tokens": 299}}))


class Runs(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        write_data(self.folder / "data")

    def train(self, *options: str, out: str = "run") -> subprocess.Popen:
        command = [sys.executable, "train.py", "--data", self.folder / "data", "--out", self.folder / out, "--rows", "8"]
        command += ["--length", "32", "--threads", "1", "--set", *SETTINGS, *options]
        return subprocess.Popen(command, cwd=PRETRAINING, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def finished(self, *options: str, out: str = "run") -> str:
        """The errors of a run that has to end by itself."""
        run = self.train(*options, out=out)
        _, errors = run.communicate(timeout=300)
        self.status = run.returncode
        return errors

    def log(self, event: str, out: str = "run") -> list[dict]:
        lines = map(json.loads, (self.folder / out / "log.jsonl").read_text().splitlines())
        return [line for line in lines if line["event"] == event]

    def test_an_interrupted_run_goes_on_where_it_was(self):
        options = ["--tokens", "77e3", "--decay", "0.3", "--evaluate-every", "1e12"]
        run = self.train(*options)
        deadline = time.time() + 120
        while time.time() < deadline and not ((self.folder / "run" / "log.jsonl").exists() and len(self.log("train")) >= 2):
            time.sleep(0.05)
        run.send_signal(signal.SIGTERM)
        run.communicate(timeout=60)
        self.assertEqual(run.returncode, 0)
        saved = torch.load(self.folder / "run" / "checkpoint.pt", weights_only=True)
        self.assertEqual(saved["tokens"], saved["steps"] * 8 * 32)
        before = self.log("train")[-1]
        self.assertEqual(self.finished(*options), "")
        after = next(line for line in self.log("train") if line["steps"] > before["steps"])
        self.assertLess(after["bits_per_token"], before["bits_per_token"] + 0.3)
        final = torch.load(self.folder / "run" / "checkpoint.pt", weights_only=True)
        self.assertGreaterEqual(final["tokens"], 77e3)
        self.assertLess(self.log("valid")[-1]["code"], 2)
        self.assertTrue((self.folder / "run" / "stable.pt").exists())

    def test_wrong_input_is_named(self):
        self.assertEqual(self.finished("--tokens", "600"), "")
        for options, message in (
            (["--tokens", "600", "--set", "vocabulary=300", "width=64"], "checkpoint.pt: another configuration"),
            (["--tokens", "600", "--teacher", "width=64"], "give --start-from"),
            (["--tokens", "600", "--cut", "nano", "a", "b", "c"], "give --teacher"),
        ):
            errors = self.finished(*options)
            self.assertEqual(self.status, 1)
            self.assertIn(message, errors)


class Schedules(unittest.TestCase):
    def test_warm_up_and_decay(self):
        self.assertLess(learning_rate(0, 0.1, 0.5), 0.01)
        self.assertEqual(learning_rate(0.3, 0.1, 0.5), 1)
        self.assertAlmostEqual(learning_rate(0.75, 0.1, 0.5), 0.5)
        self.assertEqual(learning_rate(1, 0.1, 0.5), 0)

    def test_settings_have_the_type_of_their_field(self):
        c = changed(Configuration(), ["width=64", "rope_base=500"])
        self.assertEqual((c.width, c.rope_base), (64, 500.0))


class Checkpoints(unittest.TestCase):
    def test_two_steps_are_the_same_with_a_checkpoint_between(self):
        arguments = Namespace(muon_lr=0.02, adam_lr=4e-3, weight_decay=0.02, compile=False)
        c = changed(Configuration(), SETTINGS)
        torch.manual_seed(9)
        first = Learner("", LanguageModel(c), {}, arguments)
        batches = torch.randint(0, 300, (2, 4, 33))

        def learn(learner: Learner, batch) -> None:
            learner.learn(learner.model.features(batch[:, :-1]), batch[:, 1:], None, 0.5)

        with tempfile.TemporaryDirectory() as folder:
            learn(first, batches[0])
            first.save(Path(folder), "checkpoint", {"steps": 1})
            second = Learner("", LanguageModel(c), {}, arguments)
            self.assertEqual(second.load(Path(folder), "checkpoint"), {"steps": 1})
            with self.assertRaisesRegex(SystemExit, "teacher-checkpoint.pt: missing"):
                Learner("teacher", LanguageModel(c), {}, arguments).load(Path(folder), "checkpoint")
        for learner in (first, second):
            learn(learner, batches[1])
        for p, q in zip(first.model.parameters(), second.model.parameters(), strict=True):
            self.assertTrue(torch.equal(p, q))
        bits = first.take_bits_per_token()["bits_per_token"]
        self.assertLess(abs(bits - math.log2(300)), 0.5)
