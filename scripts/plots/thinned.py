"""What is kept of a stream of any length: rows over time with the extremes of every bin, and histograms.

Contract: memory is bounded whatever is added. NaN is "not known"; a gap stays a gap. Nothing here reads
files.
"""

import math
from array import array

LIMIT = 600


class Course:
    """Columns over ticks, aligned. Beyond twice `limit` rows, neighbours are put into bins of which those rows stay
    that hold the least or the greatest of some column, or where one is not known."""

    def __init__(self, limit=LIMIT):
        self.ticks = array("d")
        self.columns = {}
        self._limit = limit
        self._numbers = array("q")
        self._seen = 0
        self._width = 1

    def __len__(self):
        return len(self.ticks)

    def add(self, tick, values):
        """`values` by name; a name that is new was not known before."""
        if not values.keys() <= self.columns.keys():
            for name in values:
                self.columns.setdefault(name, array("d", [math.nan]) * len(self.ticks))
        self.ticks.append(tick)
        self._numbers.append(self._seen)
        self._seen += 1
        for name, column in self.columns.items():
            column.append(values.get(name, math.nan))
        if len(self.ticks) > 2 * self._limit:
            self.thin(self._limit)

    def thin(self, limit):
        """At most about `limit` rows stay, the first and the last among them. Widths double, so that bins nest."""
        while len(self.ticks) > limit and self._width <= 2 * self._seen:
            self._keep(sorted(self._chosen()))
            if len(self.ticks) > limit:
                self._width *= 2

    def known(self, name):
        return any(not math.isnan(value) for value in self.columns.get(name, ()))

    def ever(self, name):
        """Whether any row has it above 0."""
        return any(value > 0 for value in self.columns.get(name, ()))

    def greatest(self, name):
        """NaN where it is never known."""
        return max((value for value in self.columns.get(name, ()) if not math.isnan(value)), default=math.nan)

    def _chosen(self):
        chosen = {0, len(self.ticks) - 1}
        start = 0
        for i in range(1, len(self.ticks) + 1):
            if i == len(self.ticks) or self._numbers[i] // self._width != self._numbers[start] // self._width:
                chosen.update(self._telling(start, i))
                start = i
        return chosen

    def _telling(self, start, end):
        """The rows of a bin that are kept."""
        found = {start}
        for column in self.columns.values():
            least = greatest = gap = None
            for i in range(start, end):
                value = column[i]
                if value != value:
                    gap = i if gap is None else gap
                    continue
                if least is None or value < column[least]:
                    least = i
                if greatest is None or value > column[greatest]:
                    greatest = i
            found.update(i for i in (least, greatest, gap) if i is not None)
        return found

    def _keep(self, rows):
        self.ticks = array("d", (self.ticks[i] for i in rows))
        self._numbers = array("q", (self._numbers[i] for i in rows))
        self.columns = {name: array("d", (column[i] for i in rows)) for name, column in self.columns.items()}


class Histogram:
    """How often each duration occurred, to one per cent; the least and the greatest are exact."""

    STEP = math.log(1.01)

    def __init__(self):
        self.count = 0
        self.least, self.greatest = math.inf, -math.inf
        self._counts = {}

    def add(self, value):
        self.count += 1
        self.least, self.greatest = min(self.least, value), max(self.greatest, value)
        at = round(math.log(value) / self.STEP) if value >= 1 else -1
        self._counts[at] = self._counts.get(at, 0) + 1

    def shares(self):
        """Values in rising order and for each the share of all that did not exceed it."""
        values, shares, so_far = [], [], 0
        for at in sorted(self._counts):
            so_far += self._counts[at]
            value = math.exp(at * self.STEP) if at >= 0 else 0.0
            values.append(min(max(value, self.least), self.greatest))
            shares.append(so_far / self.count)
        return values, shares

    def above(self, limit):
        """How many exceeded it, to one per cent of the limit."""
        return sum(count for at, count in self._counts.items() if at >= 0 and math.exp(at * self.STEP) > limit)
