"""The soft limit of descriptors, and when a leak that is established comes to it.

A subject cannot work with the last three descriptors below its limit (docs/record.md, descriptor
exhaustion), so the time left is (limit - greatest count - 3) / slope. The slope is the summary's: growth
after warm-up where it was counted, the trend's where it was told by trend. No leak, no slope: nothing is
extrapolated.
"""

from dataclasses import dataclass

from over_time import duration, held
from palette import BLACK

import numpy as np
from matplotlib.patheffects import Normal, Stroke

SPARE = 3
# Seen upon every class of descriptors.
STYLE = {"color": BLACK, "linewidth": 1.6, "linestyle": (0, (4, 2)),
         "path_effects": [Stroke(linewidth=3.4, foreground="white"), Normal()]}


@dataclass
class Hit:
    limit: float
    tick: float
    seen: bool = False  # at that tick of the stream itself
    low: float = None  # the interval, where the slope has one
    high: float = None


def slope(cell, digest):
    """Descriptors a tick, and the interval or None, of a leak; None where none is established."""
    if "leak" not in (cell.finding, *cell.also):
        return None
    metrics = cell.metrics
    names = [f"descriptors_net_slope_{part}per_million_ticks" for part in ("", "low_", "high_")]
    if metrics.get(names[0]):
        low, high = metrics.get(names[1]), metrics.get(names[2])
        return metrics[names[0]] / 1e6, (low / 1e6, high / 1e6) if low and high else None
    # Counted: from the sample after warm-up to the last one; a watched process has no warm-up.
    start = 0 if cell.watched else (cell.settings.get("warmup_ticks") or 0) - 1
    ticks, grown = digest.sums.ticks[-1] - max(start, digest.sums.ticks[0]), metrics.get("descriptors_net_growth")
    return (grown / ticks, None) if grown and grown > 0 and ticks > 0 else None


def hit(cell, digest):
    """When the cell came to its limit, or will; None where nothing says that it does."""
    if not digest or not digest.sums.known("descriptors") or not digest.sums.known("descriptor_limit"):
        return None
    sums = digest.sums
    for tick, count, limit in zip(sums.ticks, sums.columns["descriptors"], sums.columns["descriptor_limit"]):
        if count >= limit - SPARE:
            return Hit(limit, tick, True)
    found = slope(cell, digest)
    limit = sums.columns["descriptor_limit"][-1]
    if found is None or not limit == limit:
        return None
    per_tick, interval = found
    left = limit - sums.greatest("descriptors") - SPARE
    if per_tick <= 0:
        return None
    made = Hit(limit, sums.ticks[-1] + left / per_tick)
    if interval and interval[0] > 0:
        made.low, made.high = (sums.ticks[-1] + left / value for value in (interval[1], interval[0]))
    return made


def remarks(cell, found):
    """The line above a panel."""
    if not found:
        return []
    name = "sample" if cell.watched else "tick"

    def when(tick):
        text = f"{name} {tick:,.0f}"
        return f"{text} ({duration(tick * cell.interval_s)})" if cell.interval_s and tick > 0 else text
    if found.seen:
        return [f"limit {found.limit:.0f}: reached at {when(found.tick)}"]
    between = f", between {found.low:,.0f} and {found.high:,.0f}" if found.low else ""
    return [f"limit {found.limit:.0f}: extrapolated to {when(found.tick)}{between}"]


def notes(digests):
    limits = sorted({value for digest in digests for value in digest.sums.columns["descriptor_limit"]
                     if value == value})
    if not limits:
        return []
    return [f"Soft limit: {', '.join(f'{value:.0f}' for value in limits)} descriptors; "
            f"the last {SPARE} are of no use to SQLite."]


def worth_a_line(digests):
    """The greatest limit that is near enough to the stacks to share an axis with them; None where none is."""
    peak = max(digest.sums.greatest("descriptors") for digest in digests)
    near = [value for digest in digests for value in digest.sums.columns["descriptor_limit"] if value <= 3 * peak]
    return max(near, default=None)


def draw(axes, digest, found, greatest):
    """The limit where it is at most `greatest`, and the slope from the last sample to it."""
    if not digest or not digest.sums.known("descriptor_limit"):
        return
    ticks, limit = held(digest.sums.ticks, digest.sums.columns["descriptor_limit"])
    limit[limit > greatest] = np.nan
    axes.step(ticks, limit, where="post", gid="limit", **STYLE)
    if found and not found.seen and found.limit <= greatest:
        last = digest.sums.columns["descriptors"][-1]
        axes.plot([ticks[-1], found.tick], [last, found.limit - SPARE], gid="extrapolated",
                  **{**STYLE, "linestyle": (0, (1, 1.5))})
        axes.plot([ticks[-1], found.tick], [found.limit] * 2, **STYLE)
