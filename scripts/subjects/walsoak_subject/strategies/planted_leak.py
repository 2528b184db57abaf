"""planted-leak: per-tick plus one kept connection every leak_every dispatch passes over the first board.

The positive control: a gate that does not find this integer finds nothing.
"""

from ..connection import ANY_THREAD_CLOSE
from .per_tick import PerTick


class PlantedLeak(PerTick):
    name = "planted-leak"
    summary = "per-tick, and keeps one connection every leak_every ticks: the positive control"
    affinity = ANY_THREAD_CLOSE

    def __init__(self, gateway, settings, boards):
        super().__init__(gateway, settings, boards)
        self._passes = 0
        self._kept = []

    def use(self, board, actor, work):
        result = super().use(board, actor, work)
        every = self._settings["leak_every"]
        if actor == "dispatcher" and board == self._boards[0] and every > 0:
            self._passes += 1
            if self._passes % every == 0:
                self._kept.append(self._open(board, actor))
                # Without a read it would hold neither a lock nor a -wal.
                self._kept[-1].read_once("planted read")
        return result

    def close_all(self):
        for connection in self._kept:
            connection.close()
        self._kept.clear()


STRATEGY = PlantedLeak
