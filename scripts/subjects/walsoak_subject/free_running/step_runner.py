"""Hands steps to their executors and says what came of them, how long they waited and how long they took."""

import asyncio
import threading
from typing import NamedTuple

from .. import answers
from .clock import now_us


class Outcome(NamedTuple):
    content: dict  # of a `done`
    latency_us: int
    wait_us: int  # for a thread
    thread: str


class StepRunner:
    """Lives on the loop, which alone changes the two counts. `in_flight` counts steps handed over and not yet
    back, `begun` all that were ever handed over."""

    def __init__(self, cell):
        self._cell = cell
        self.begun = 0
        self.in_flight = 0

    async def run(self, name, complete):
        """Carries out the step that complete() gives when its thread begins."""
        handed_us = now_us()
        self.begun += 1
        self.in_flight += 1
        try:
            executor = self._cell.executor(name)
            work = _Work(self._cell, name, complete, handed_us)
            if executor is None:
                return work()
            return await asyncio.get_running_loop().run_in_executor(executor, work)
        except Exception as error:  # no such step, or no thread to be had: the step failed as a whole
            return Outcome(answers.failed(error, name), now_us() - handed_us, 0, "")
        finally:
            self.in_flight -= 1


class _Work:
    def __init__(self, cell, name, complete, handed_us):
        self._cell = cell
        self._name = name
        self._complete = complete
        self._handed_us = handed_us

    def __call__(self):
        wait_us = now_us() - self._handed_us
        step = self._complete()
        begun_us = now_us()
        try:
            content = self._cell.carry_out(step)
        except Exception as error:  # one that crossed to the loop would hold its frames for longer
            content = answers.failed(error, self._name)
        return Outcome(content, now_us() - begun_us, wait_us, threading.current_thread().name)
