#!/usr/bin/env python3
"""Tests of statistics_of_two.py; run by ctest."""
import random
import sys
import unittest

sys.dont_write_bytecode = True  # no __pycache__ between the sources
from statistics_of_two import mann_whitney_p, median_difference_interval, superiority  # noqa: E402


class MannWhitney(unittest.TestCase):
    def test_is_uniform_for_equal_distributions(self):
        source = random.Random(5)
        p = [mann_whitney_p([source.expovariate(1) for _ in range(40)], [source.expovariate(1) for _ in range(40)])
             for _ in range(1000)]
        for level in (0.05, 0.2, 0.5, 0.8):
            self.assertAlmostEqual(sum(x < level for x in p) / len(p), level, delta=0.05)

    def test_sees_a_shift(self):
        source = random.Random(5)
        a, b = ([source.gauss(mean, 1) for _ in range(300)] for mean in (0, 0.5))
        self.assertLess(mann_whitney_p(a, b), 1e-6)
        self.assertEqual(mann_whitney_p(a, b), mann_whitney_p(b, a))

    def test_knows_a_published_value(self):
        # Without ties: U = 3 of 25; z = (12.5 - 3) / sqrt(25 * 11 / 12).
        self.assertAlmostEqual(mann_whitney_p([1, 2, 3, 4, 8], [5, 6, 7, 9, 10]), 0.0472, delta=0.0005)

    def test_all_equal(self):
        self.assertEqual(mann_whitney_p([1] * 30, [1] * 30), 1)


class Effect(unittest.TestCase):
    def test_superiority(self):
        self.assertEqual(superiority([2, 3], [0, 1]), 1)
        self.assertEqual(superiority([0, 1], [2, 3]), 0)

    def test_interval_holds_the_shift(self):
        source = random.Random(5)
        a, b = ([source.gauss(mean, 1) for _ in range(300)] for mean in (10.5, 10))
        low, high = median_difference_interval(a, b)
        self.assertTrue(0 < low < 0.5 < high < 1, (low, high))


if __name__ == "__main__":
    unittest.main()
