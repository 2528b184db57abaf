"""The two clocks of a free-running cell: the machine's monotonic one, and the boards' scaled time."""

import time


def now_us():
    """Microseconds of CLOCK_MONOTONIC, which is the event loop's clock too."""
    return time.monotonic_ns() // 1000


class BoardsClock:
    """The boards' time: it began with epoch_s at t0_us and runs time_scale times as fast. For any thread."""

    def __init__(self, t0_us, epoch_s, time_scale):
        self.t0_us = t0_us
        self._epoch_s = epoch_s
        self._time_scale = time_scale

    def time_s(self):
        return int(self._epoch_s + (now_us() - self.t0_us) / 1e6 * self._time_scale)
