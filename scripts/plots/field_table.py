#!/usr/bin/env python3
"""What field reports said beside what a run of their scenarios reproduced.

A row a quantity, by thread: the value that was measured, divided by the one that was reported (1: the
same), with the range that fits as a bar; what is no number (a finding, an error's text) has a hollow square
where it fits. On the right stand both values. Filled circles fit, crosses do not, and what the run does not
know has neither. The second quantity of a thread, which nobody tuned, is marked with a 2.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))

import field_report
from common import SMALL, TEXT_LINE_IN, main, page, plot_parser, wrap
from errors import RunError
from palette import BLACK, GREEN, GREY, ORANGE, SILVER, SKY, VERMILION

from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

LABEL_IN, VALUES_IN = 3.2, 3.1
LEAST, MOST = 0.2, 5  # ratios beyond are drawn at the edge
NOT_RUN = "not run"
STATUS_COLOURS = {"reproduced": GREEN, "partly": ORANGE, "not reproduced": VERMILION, NOT_RUN: SILVER}


def threads_of(run):
    content = run.content()

    def stream_of(cell):
        yield from run.lines(cell)

    try:
        return field_report.threads_of(content, run.summary, stream_of)
    except field_report.NoReport as problem:
        raise RunError(f"{run.folder}: {problem}", 4) from None
    except (KeyError, TypeError, ValueError) as problem:
        raise RunError(f"{run.folder}: not a run of field scenarios as known here ({problem!r})", 4) from None


def status(thread):
    return thread["status"] if thread["leaky"] else NOT_RUN


def tells(run):
    try:
        return any("field" in scenario["content"] for scenario in run.content()["scenarios"])
    except (RunError, KeyError, TypeError):
        return False


def ratio(row):
    """Measured by reported, and the range that fits in the same terms; None where they are no numbers."""
    quantity, reported = row["quantity"], row["quantity"]["value"]
    numbers = "range" in quantity and isinstance(reported, (int, float)) and reported > 0
    if not numbers:
        return None, None
    measured = row["measured"]
    return None if measured is None else measured / reported, [edge / reported for edge in quantity["range"]]


def clipped(value):
    return min(max(value, LEAST), MOST)


def beside(row):
    """The lines on the right."""
    quantity = row["quantity"]
    text = f"{field_report.shown(quantity['value'])} / {field_report.shown(row['measured'])}"
    text += "" if row["fits"] else "  - does not fit" if row["measured"] is not None else ""
    return wrap(text.split(" "), VALUES_IN, gap=" ")


def mark(axes, row, y):
    measured, span = ratio(row)
    if span:
        axes.plot([clipped(span[0]), clipped(span[1])], [y, y], color=SKY, linewidth=7, solid_capstyle="butt", zorder=2,
                  gid="range")
        # A range of one value is seen, too.
        axes.plot([clipped(edge) for edge in span], [y, y], "|", color=SKY, markersize=11, zorder=2)
    if row["measured"] is None:
        axes.text(MOST, y, "not known", ha="right", va="center", size=SMALL, style="italic", color="#555555",
                  gid="unknown")
        return
    if not span:
        axes.plot([1], [y], marker="s" if row["fits"] else "X", color=BLACK, markersize=7, zorder=4,
                  markerfacecolor="white" if row["fits"] else VERMILION, gid="fits" if row["fits"] else "misses")
    else:
        axes.plot([clipped(measured)], [y], marker="o" if row["fits"] else "X", color=BLACK, markersize=7, zorder=4,
                  markerfacecolor=BLACK if row["fits"] else VERMILION, gid="fits" if row["fits"] else "misses")
    if row["second"]:
        axes.annotate("2", (clipped(1 if measured is None else measured), y), xytext=(8, 0), textcoords="offset points",
                      va="center", size=SMALL, weight="bold")


def figure(run, title=None):
    threads = threads_of(run)
    rows = [(thread, row) for thread in threads for row in thread["rows"]]
    labels, right, heads = [], [], []
    for i, (thread, row) in enumerate(rows):
        first = i == 0 or rows[i - 1][0] is not thread
        heads.append([f"{thread['field']['thread']}: {status(thread)}"] if first else [])
        labels.append(wrap(row["quantity"]["what"].split(" "), LABEL_IN, gap=" "))
        right.append(beside(row))
    heights = [max(len(label), len(texts)) for label, texts in zip(labels, right)]
    # y counts lines of text: a thread's heading stands above its first row, with half a line of air.
    tops, y = [], 0.0
    for head, high in zip(heads, heights):
        y += 1.9 if head else 0.25
        tops.append(y)
        y += high
    states = [status(thread) for thread in threads]
    counts = [f"{states.count(name)} {name}" for name in STATUS_COLOURS if name != NOT_RUN or name in states]
    legend = [Patch(facecolor=SKY, label="fits the report"),
              Line2D([], [], color=BLACK, marker="o", linestyle="", markersize=7, label="measured, fits"),
              Line2D([], [], color=BLACK, marker="s", markerfacecolor="white", linestyle="", markersize=7,
                     label="no number, fits"),
              Line2D([], [], color=BLACK, marker="X", markerfacecolor=VERMILION, linestyle="", markersize=7,
                     label="measured, does not fit")]
    below = ["2: the second quantity, which nobody tuned. On the right: reported / measured."]
    made = page(y * TEXT_LINE_IN + 0.7, title or f"{run.title}: reported and reproduced",
                [f"{len(threads)} threads: {', '.join(counts)}"], legend, below)
    axes, texts = made.subplots(1, 2, sharey=True, width_ratios=(1, VALUES_IN / 3.2))
    for (_, row), top, high, head, values, (thread, _) in zip(rows, tops, heights, heads, right, rows):
        middle = top + high / 2
        mark(axes, row, middle)
        texts.text(0, middle, "\n".join(values), va="center", size=SMALL)
        if head:
            axes.text(LEAST, top - 0.65, head[0], va="center", size=SMALL, weight="bold", gid="thread",
                      bbox={"boxstyle": "square,pad=0.15", "facecolor": STATUS_COLOURS[status(thread)], "linewidth": 0})
    axes.axvline(1, color=GREY, linewidth=1, zorder=1)
    axes.set_xscale("log")
    axes.set_xlim(LEAST * 0.93, MOST * 1.08)
    axes.xaxis.set_major_locator(FixedLocator([LEAST, 0.5, 1, 2, MOST]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(
        lambda value, _: f"{'<' if value <= LEAST else '>' if value >= MOST else ''}{value:g}"))
    axes.set_yticks([top + high / 2 for top, high in zip(tops, heights)], ["\n".join(label) for label in labels])
    axes.set_ylim(y + 0.4, 0)
    axes.set_xlabel("measured / reported (ratio)")
    axes.set_ylabel("thread and quantity")
    axes.grid(False, axis="y")
    axes.tick_params(axis="y", length=0)
    texts.axis("off")
    return made


if __name__ == "__main__":
    sys.exit(main(plot_parser(__doc__), figure))
