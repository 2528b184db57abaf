"""Curves of durations: the share of ticks that did not exceed a time, a line a cell in its strategy's
colour.

Cells of one strategy differ in the style of their lines; curves are of histograms that are exact to one per
cent.
"""

from collections import Counter

import common  # noqa: F401 (first: it says what is needed where matplotlib is missing)
from palette import LINE_MARKERS, LINE_STYLES, strategy_colour

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

MOST_CELLS = 12


def styles(cells):
    """For each cell the look of its line."""
    made, used = [], {}
    for cell in cells:
        strategy = cell.value("strategy")
        number = used.get(strategy, 0)
        used[strategy] = number + 1
        made.append({"color": strategy_colour(strategy), "linestyle": LINE_STYLES[number % len(LINE_STYLES)],
                     "linewidth": 2.4 - 0.3 * (number % 4)})
    return made


def marker(number):
    """Line `number`'s marker: strategies differ in grey by it."""
    return {"marker": LINE_MARKERS[number % len(LINE_MARKERS)], "markersize": 5, "markeredgecolor": "black",
            "markeredgewidth": 0.6}


def names(cells):
    """For each cell its name and the values in which it is unlike most of the others; its strategy always."""
    common = {}
    for axis in {axis for cell in cells for axis in cell.differs}:
        counts = Counter(str(cell.value(axis)) for cell in cells)
        value, count = counts.most_common(1)[0]
        if 2 * count > len(cells) or len(counts) == 1:
            common[axis] = value


    def own(cell):
        for axis in cell.differs:
            value = str(cell.value(axis))
            if axis == "strategy" or common.get(axis) != value:
                yield value if axis == "strategy" else f"{axis}={value}"
    return [" ".join([cell.name, *own(cell)]) for cell in cells]


def handles(looks, labels):
    return [Line2D([], [], label=label, **look, **marker(i)) for i, (look, label) in enumerate(zip(looks, labels))]


def time_text(us, _=None):
    for factor, unit in ((1e6, "s"), (1e3, "ms")):
        if us >= factor:
            return f"{us / factor:.3g} {unit}"
    return f"{us:.3g} \u00b5s"


def log_time(axis):
    """Microseconds on a logarithmic axis, written with their unit."""
    axis.set_major_locator(LogLocator(base=10, numticks=8))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(time_text))


def draw(axes, histogram, look, number, of, gid):
    """The curve of a histogram; times below a microsecond stand at one."""
    values, shares = histogram.shares()
    values = np.maximum(np.array([values[0], *values]), 1)
    shares = 100 * np.array([0, *shares])
    # Markers at heights of their own, so that equal lines stay visible.
    heights = np.searchsorted(shares, [20 + 60 * (number + 0.5) / of, 97])
    axes.step(values, shares, where="post", gid=gid, markevery=sorted({int(at) for at in heights if at < len(shares)}),
              **look, **marker(number))


def dress(axes, label):
    axes.set_xscale("log")
    log_time(axes.xaxis)
    axes.set_ylim(-2, 103)
    axes.set_xlabel(label)
