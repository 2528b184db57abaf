#!/usr/bin/env python3
"""When is the event loop of a free-running gateway kept from its timers?

One panel a cell, all on the same axes: how late a timer of the loop fired at worst since the tick before,
over ticks; of long cells the greatest and the least of each bin. Above each panel the median, the 99th
percentile and the greatest. Shaded: faults.
"""

import sys

from common import main, plot_parser
from distribution import log_time, time_text
from errors import RunError
from over_time import Multiples, fault_legend, readable_cells, say
from palette import BLACK, strategy_colour

import numpy as np


def tells(run):
    return any(digest and "lag" in digest.histograms for digest in run.digests(run.cells)[0])


def percentile(histogram, share):
    values, shares = histogram.shares()
    return values[int(np.searchsorted(shares, share))]


def remarks(cell, digest):
    if not digest or "lag" not in digest.histograms:
        return []
    lag = digest.histograms["lag"]
    return [f"p50 {time_text(percentile(lag, 0.5))}, p99 {time_text(percentile(lag, 0.99))}, "
            f"max {time_text(lag.greatest)}"]


def figure(run, title=None):
    cells, digests, notes = readable_cells(run)
    if not any(digest and "lag" in digest.histograms for digest in digests):
        raise RunError(f"{run.folder}: no cell tells the lag of its event loop; free-running cells do", 4)
    made = Multiples(cells, digests, title or f"{run.title}: lag of the event loop", notes, fault_legend(digests),
                     "lag (time)", remarks)
    for axes, cell, digest in zip(made.panels, cells, digests):
        if not digest or "lag" not in digest.histograms:
            say(axes, "not told")
            continue
        digest.paces.thin(made.points)
        lag = np.maximum(np.array(digest.paces.columns["lag"]), 1)
        axes.fill_between(digest.paces.ticks, 1, lag, color=strategy_colour(cell.value("strategy")),
                          linewidth=0, alpha=0.5)
        axes.plot(digest.paces.ticks, lag, color=BLACK, linewidth=0.9, gid="lag")
    first = made.panels[0]
    first.set_yscale("log")
    told = [digest.histograms["lag"] for digest in digests if digest and "lag" in digest.histograms]
    first.set_ylim(max(1, min(lag.least for lag in told)) / 1.5, max(lag.greatest for lag in told) * 2)
    log_time(first.yaxis)
    return made.figure


if __name__ == "__main__":
    sys.exit(main(plot_parser(__doc__), figure))
