"""Runs small tests over and over, as a test suite does."""

import unittest

import lifetime

lifetime.begin()


class Sums(unittest.TestCase):
    def setUp(self):
        self.numbers = list(range(1000))

    def test_sum(self):
        self.assertEqual(sum(self.numbers), 499500)

    def test_reversed(self):
        self.assertEqual(list(reversed(self.numbers))[0], 999)

    def test_failure(self):
        with self.assertRaises(ValueError):
            int("x")


lifetime.ready()
while True:
    unittest.TestLoader().loadTestsFromTestCase(Sums).run(unittest.TestResult())
