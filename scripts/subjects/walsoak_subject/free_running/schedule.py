"""Fixed schedules: slot k of a job is due at t0_us + (k + 1) * interval_us, whatever came of those before."""


class Schedule:
    """Pure arithmetic in microseconds of CLOCK_MONOTONIC. `slots` None: without an end."""

    def __init__(self, t0_us, interval_us, slots=None):
        self._t0_us = t0_us
        self._interval_us = interval_us
        self._slots = slots

    def due_us(self, slot):
        return self._t0_us + (slot + 1) * self._interval_us

    def after(self, last, now_us):
        """The first slot behind `last` (-1: none yet) that is still to come; None where there is none."""
        slot = max(last + 1, int((now_us - self._t0_us) // self._interval_us))
        return None if self._slots is not None and slot >= self._slots else slot

    def skipped(self, last, slot):
        """How many slots lie between two; with `slot` None, between `last` and the end."""
        return (self._slots if slot is None else slot) - last - 1
