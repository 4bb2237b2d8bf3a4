# SPDX-License-Identifier: GPL-2.0-or-later
"""The plan and the runs done so far, on disk: what was interrupted goes on there."""

import gzip
import json
import os
import random


def write(path, value):
    """Whole, or not at all."""
    opener = gzip.open if path.endswith(".gz") else open
    with opener(path + ".new", "wt", encoding="utf-8") as f:
        json.dump(value, f, separators=(",", ":"))
    os.replace(path + ".new", path)


def read(path):
    opener = gzip.open if path.endswith(".gz") else open
    with opener(path, "rt", encoding="utf-8") as f:
        return json.load(f)


class Journal:
    """In a directory: plan.json, and a file a run."""

    def __init__(self, directory):
        self.directory = directory

    @property
    def _plan(self):
        return os.path.join(self.directory, "plan.json")

    def _run(self, number, treatment):
        return os.path.join(self.directory, "runs", f"{number + 1:02}-{treatment}.json.gz")

    def open(self, settings, tests, treatments, seed):
        """Goes on with what is there; ValueError where that has other settings."""
        os.makedirs(os.path.join(self.directory, "runs"), exist_ok=True)
        settings = json.loads(json.dumps(settings))  # as it comes back
        if os.path.exists(self._plan):
            self.plan = read(self._plan)
            if self.plan["settings"] != settings:
                changed = [k for k in settings if settings[k] != self.plan["settings"].get(k)]
                raise ValueError(f"{self.directory} holds an evaluation with another "
                                 f"{', '.join(changed)}: name another --out, or remove it")
        else:
            self.plan = {"settings": settings, "seed": seed, "orders": []}
        # more tests of the same may be added later
        chance = random.Random(self.plan["seed"])
        orders = [chance.sample(treatments, len(treatments)) for _ in range(tests)]
        self.plan["orders"] = orders if len(orders) > len(self.plan["orders"]) else self.plan["orders"]
        write(self._plan, self.plan)

    def load(self):
        self.plan = read(self._plan)

    def wanted(self):
        """[(number, treatment)] of the whole plan, in its order."""
        return [(number, treatment) for number, order in enumerate(self.plan["orders"])
                for treatment in order]

    def missing(self):
        return [each for each in self.wanted() if not os.path.exists(self._run(*each))]

    def save(self, number, treatment, result):
        write(self._run(number, treatment), result)

    def tests(self):
        """[{treatment: result}] of the tests of which every run is there."""
        left = {number for number, _ in self.missing()}
        return [{treatment: read(self._run(number, treatment)) for treatment in order}
                for number, order in enumerate(self.plan["orders"]) if number not in left]
