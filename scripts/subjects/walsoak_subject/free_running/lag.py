"""The event loop's lag: how late its timers fire, because something else kept it busy."""

from .clock import now_us
from .schedule import Schedule

BEAT_US = 100_000


class Lag:
    """The worst lateness of a timer since the last look. Used on the loop only."""

    def __init__(self):
        self._worst_us = 0

    def note(self, late_us):
        self._worst_us = max(self._worst_us, late_us)

    def take(self):
        worst, self._worst_us = self._worst_us, 0
        return worst


class Heartbeat:
    """A timer ten times a second that does nothing but note how late it is: slots may be far apart."""

    def __init__(self, loop, lag):
        self._loop = loop
        self._lag = lag
        self._schedule = Schedule(now_us(), BEAT_US)
        self._arm(-1)

    def stop(self):
        self._timer.cancel()

    def _arm(self, last):
        beat = self._schedule.after(last, now_us())
        self._timer = self._loop.call_at(self._schedule.due_us(beat) / 1e6, self._fire, beat)

    def _fire(self, beat):
        self._lag.note(now_us() - self._schedule.due_us(beat))
        self._arm(beat)
