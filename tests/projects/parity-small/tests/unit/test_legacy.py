"""Tests in the style of unittest."""

import unittest

from shop import catalog


def setUpModule():
    catalog.PRICES["legacy"] = 1


def tearDownModule():
    del catalog.PRICES["legacy"]


class CatalogCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.known = dict(catalog.PRICES)

    def setUp(self):
        self.name = "apple"
        self.addCleanup(setattr, self, "name", None)

    def test_price(self):
        self.assertEqual(catalog.price_of(self.name), 3)

    def test_unknown(self):
        with self.assertRaisesRegex(LookupError, "no fig"):
            catalog.price_of("fig")

    def test_module_set_up(self):
        self.assertIn("legacy", self.known)

    @unittest.expectedFailure
    def test_free(self):
        self.assertEqual(catalog.price_of("melon"), 0)

    @unittest.skip("not stocked")
    def test_skipped(self):
        self.fail("never runs")
