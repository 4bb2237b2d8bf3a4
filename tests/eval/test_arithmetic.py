#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The evaluation's own arithmetic, on packets and tables that are known."""
import os
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "lab")]
from ab import figures, journal, progress, quality, student  # noqa: E402
from ab.capture import Packet, unwrapped  # noqa: E402


def stream(delays, lost=()):
    """Sent and received packets of 20 ms whose delays are these, in s."""
    sent = [Packet(100 + i / 50, 65530 + i, i * 960, 200) for i in range(len(delays))]
    received = [Packet(p.time + d, p.seq, p.timestamp, 200)
                for i, (p, d) in enumerate(zip(sent, delays)) if i not in lost]
    return sent, received


class Arithmetic(unittest.TestCase):
    def test_student_has_the_tables_values(self):
        for freedom, t in ((1, 12.706), (2, 4.303), (5, 2.571), (11, 2.201), (30, 2.042)):
            self.assertAlmostEqual(student.quantile(0.975, freedom), t, 3)

    def test_interval(self):
        mean, half = student.interval([1, 2, 3, 4])
        self.assertEqual(mean, 2.5)
        self.assertAlmostEqual(half, 3.182 * 1.2910 / 2, 3)
        self.assertEqual(student.interval([7]), (7, None))

    def test_even_packets_have_no_jitter(self):
        _, received = stream([0.05] * 100)
        self.assertLess(max(j for _, j in figures.jitter_series(received)), 1e-6)

    def test_jitter_is_rfc_3550s(self):
        # each packet is 10 ms off from the one before: J tends to 10 ms, a sixteenth a step
        _, received = stream([0.05 + 0.01 * (i % 2) for i in range(200)])
        series = [j for _, j in figures.jitter_series(received)]
        self.assertAlmostEqual(series[1], 10 / 16, 6)
        self.assertAlmostEqual(series[-1], 10, 2)

    def test_what_the_sender_does_is_not_added_by_the_path(self):
        sent, _ = stream([0] * 100)
        uneven = [Packet(p.time + 0.004 * (i % 2), p.seq, p.timestamp, 200)
                  for i, p in enumerate(sent)]
        received = [Packet(p.time + 0.02, p.seq, p.timestamp, 200) for p in uneven]
        added = figures.added_series(figures.delay_series(uneven, received))
        self.assertGreater(figures.jitter_series(received)[-1][1], 3.9)
        self.assertLess(max(j for _, j in added), 1e-6)

    def test_delay_and_loss(self):
        sent, received = stream([0.030] * 100, lost=(10, 20))
        self.assertEqual(figures.missing(sent, received, 100, 102), (100, 2))
        self.assertTrue(all(abs(d - 30) < 1e-6 for _, d in figures.delay_series(sent, received)))

    def test_rates_are_layer_3s(self):
        _, received = stream([0.0001] * 100)
        self.assertEqual([bps for _, bps in figures.rates(received, 100, 102)], [80000, 80000])

    def test_numbers_turn(self):
        self.assertEqual(unwrapped(3, 65534, 16), 65539)
        self.assertEqual(unwrapped(65534, 65539, 16), 65534)

    def test_opinion(self):
        # G.107's default R, 93.2, is 4.41
        self.assertAlmostEqual(quality.opinion(quality.rating(0, 0)), 4.41, 2)
        self.assertLess(quality.opinion(quality.rating(400, 0)), 3.6)
        self.assertEqual(quality.opinion(0), 1)


class Resuming(unittest.TestCase):
    SETTINGS = {"line": (10, 50), "duration": 20}

    def test_goes_on_where_it_was(self):
        with tempfile.TemporaryDirectory() as directory:
            book = journal.Journal(directory)
            book.open(self.SETTINGS, 3, ["none", "p2s"], 42)
            first = book.missing()
            self.assertEqual(len(first), 6)
            book.save(*first[0], {"is": "done"})
            again = journal.Journal(directory)
            again.open(self.SETTINGS, 3, ["none", "p2s"], 7)
            self.assertEqual(again.missing(), first[1:])
            self.assertEqual(again.tests(), [])
            again.save(*first[1], {"is": "done too"})
            self.assertEqual(len(again.tests()), 1)
            # more tests keep the order of those that are done
            again.open(self.SETTINGS, 5, ["none", "p2s"], 7)
            self.assertEqual(again.wanted()[:6], first)
            self.assertEqual(len(again.missing()), 8)

    def test_other_settings_are_refused(self):
        with tempfile.TemporaryDirectory() as directory:
            journal.Journal(directory).open(self.SETTINGS, 1, ["none", "p2s"], 42)
            with self.assertRaisesRegex(ValueError, "another duration"):
                journal.Journal(directory).open({**self.SETTINGS, "duration": 30}, 1,
                                                ["none", "p2s"], 42)

    def test_progress_stays_in_one_row(self):
        words = ("10/24 test 5, p2s: settling 12 s", "1 h 05 min left")
        for columns in (10, 32, 40, 49, 60, 79, 200):
            row = progress.fitted(0.5, words, columns)
            self.assertLessEqual(len(row), columns)
            self.assertIn(words[0][:columns], row)
        self.assertEqual(progress.fitted(0.5, words, 200).count("█"),
                         progress.fitted(0.5, words, 200).count("·"))
        self.assertIn("█", progress.fitted(0.5, words, 79))
        self.assertNotIn("█", progress.fitted(0.5, words, 50))


unittest.main()
