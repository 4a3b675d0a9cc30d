import math
import unittest

import torch
import torch.nn.functional as F

from growth import begin_with
from loss import CrossEntropy, Teacher
from model import SIZES, Configuration, LanguageModel, ngram_rows, rounded_rows, windowed_attention
from optimizer import make_optimizers, orthogonalise

TINY = Configuration(
    vocabulary=300, width=32, layers=2, heads=4, kv_heads=2, hidden=48, window=16, bigram_rows=64, trigram_rows=96
)  # fmt: skip


def random_model(c: Configuration, seed: int = 1) -> LanguageModel:
    torch.manual_seed(seed)
    model = LanguageModel(c)
    for p in model.parameters():
        torch.nn.init.normal_(p, std=0.2)
    for layer in model.layers:
        layer.mix.data = torch.tensor([0.9, 0.2])
    return model


class Models(unittest.TestCase):
    def test_sizes_are_within_the_budget(self):
        self.assertLessEqual(SIZES["small"].multiply_adds, 7_000_000)
        self.assertLessEqual(SIZES["nano"].multiply_adds, 1_500_000)

    def test_windows_are_masked_attention(self):
        torch.manual_seed(2)
        q, k, v = torch.randn(3, 2, 4, 50, 8)
        distance = torch.arange(50)[:, None] - torch.arange(50)
        whole = F.scaled_dot_product_attention(q, k, v, attn_mask=(distance >= 0) & (distance < 16))
        torch.testing.assert_close(windowed_attention(q, k, v, 16), whole)

    def test_no_token_is_seen_before_it_comes(self):
        model = random_model(TINY).eval()
        tokens = torch.randint(0, 300, (1, 40))
        changed = tokens.clone()
        changed[0, 30] += 1
        a, b = model.logits(tokens), model.logits(changed)
        torch.testing.assert_close(a[:, :30], b[:, :30])
        self.assertGreater((a[:, 30:] - b[:, 30:]).abs().max(), 1e-3)

    def test_rows_are_hashes_of_32_bits(self):
        tokens = torch.randint(0, 8192, (1, 20))
        for order in (2, 3):
            rows = ngram_rows(tokens, 1000, order)[0].tolist()
            for i, token in enumerate(tokens[0].tolist()):
                one, two = (tokens[0, i - back].item() if i >= back else 0 for back in (1, 2))
                h = (two * 0x9E3779B1 + one) % 2**32 if order == 3 else one
                h = (h * 0x85EBCA6B + token) % 2**32
                h = (h ^ h >> 15) * 0x2C1B3C6D % 2**32
                self.assertEqual(rows[i], (h >> 8) % 1000)

    def test_rounded_rows_have_fifteen_values_and_straight_gradients(self):
        x = torch.randn(5, 64, requires_grad=True)
        y = rounded_rows(x)
        self.assertTrue(all(len(row.unique()) <= 15 for row in y))
        y.sum().backward()
        torch.testing.assert_close(x.grad, torch.ones_like(x))


class Losses(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(3)
        self.x, self.weight = torch.randn(30, 8, requires_grad=True), torch.randn(20, 8, requires_grad=True)
        self.bias, self.scale = torch.randn(20, requires_grad=True), torch.tensor(0.7, requires_grad=True)
        self.targets = torch.randint(0, 20, (30,))
        self.parameters = [self.x, self.weight, self.bias, self.scale]

    def gradients(self, loss) -> list[torch.Tensor]:
        return list(torch.autograd.grad(loss, self.parameters))

    def logits(self):
        return F.linear(self.x, self.weight) * self.scale + self.bias

    def test_cross_entropy(self):
        ours = CrossEntropy.apply(*self.parameters, self.targets, None, True)
        plain = F.cross_entropy(self.logits(), self.targets, reduction="none")
        torch.testing.assert_close(ours, plain)
        for a, b in zip(self.gradients(ours.mean()), self.gradients(plain.mean()), strict=True):
            torch.testing.assert_close(a, b)

    def test_a_teacher_is_a_part_of_the_targets(self):
        share = torch.rand(30)
        first_parts = torch.randint(0, 20, (5,))
        teacher = Teacher(torch.randn(30, 6), torch.randn(25, 6), torch.randn(25), torch.tensor(0.5), share, first_parts)
        said = (F.linear(teacher.features, teacher.weight) * 0.5 + teacher.bias).softmax(-1)
        said = said[:, :20].index_add(1, first_parts, said[:, 20:])
        aim = share[:, None] * said + (1 - share[:, None]) * F.one_hot(self.targets, 20)
        plain = -(aim * self.logits().log_softmax(-1)).sum(-1)
        ours = CrossEntropy.apply(*self.parameters, self.targets, teacher, True)
        torch.testing.assert_close(ours, F.cross_entropy(self.logits(), self.targets, reduction="none"))
        for a, b in zip(self.gradients(ours.mean()), self.gradients(plain.mean()), strict=True):
            torch.testing.assert_close(a, b)


class Growth(unittest.TestCase):
    def test_a_grown_model_says_the_same(self):
        """But for what the small random values of its new embedding channels do."""
        small = random_model(TINY).eval()
        larger = Configuration(
            vocabulary=300, width=64, layers=4, heads=8, kv_heads=4, hidden=96, window=16, bigram_rows=128, trigram_rows=192
        )  # fmt: skip
        grown = LanguageModel(larger).eval()
        begin_with(grown, small)
        tokens = torch.randint(0, 300, (2, 30))
        said, expected = grown.logits(tokens), small.logits(tokens)
        self.assertLess((said - expected).abs().max(), 0.1 * expected.std())

    def test_what_does_not_fit_is_refused(self):
        with self.assertRaisesRegex(ValueError, "cannot begin"):
            begin_with(LanguageModel(TINY), LanguageModel(SIZES["nano"]))


class Optimizers(unittest.TestCase):
    def test_updates_are_nearly_orthogonal(self):
        for shape in ((16, 40), (40, 16)):
            values = torch.linalg.svdvals(orthogonalise(torch.randn(shape)).float())
            self.assertTrue(0.5 < values.min() and values.max() < 1.3, values)

    def test_every_parameter_has_one_optimizer(self):
        model = LanguageModel(TINY)
        optimizers = make_optimizers(model, 0.02, 4e-3, 0.02)
        listed = [p for o in optimizers for g in o.param_groups for p in g["params"]]
        self.assertEqual(sorted(map(id, listed)), sorted(map(id, model.parameters())))

    def test_a_model_learns(self):
        torch.manual_seed(4)
        model = LanguageModel(TINY)
        optimizers = make_optimizers(model, 0.02, 4e-3, 0.0)
        tokens = torch.randint(0, 300, (4, 17))
        for _ in range(60):
            loss = model(tokens[:, :-1], tokens[:, 1:]).mean()
            loss.backward()
            for optimizer in optimizers:
                optimizer.step()
                optimizer.zero_grad()
        self.assertLess(loss.item(), 0.3 * math.log(300))
