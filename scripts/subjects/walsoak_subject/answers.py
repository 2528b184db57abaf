"""The `done` that answers a message of the observer, with the time that its work took."""

import time

from .errors import describe
from .protocol import message


def now_ns():
    """The clock that latencies are read from."""
    return time.monotonic_ns()


def done(received, begun_ns, content):
    latency_us = (now_ns() - begun_ns) // 1000
    return message("done", id=received["id"], latency_us=latency_us, **content)


def failed(error, where):
    """The content of a `done` where the act failed as a whole; the conversation goes on."""
    return {"ok": False, "error": describe(error, where)}
