"""The conversation with the observer, from `hello` to `bye`: one step in flight at a time."""

import os
import platform
import sys
import time
import traceback

from .cell import Cell
from .description import CAPABILITIES, library
from .errors import ApplicationError, describe
from .protocol import ForeignVersion, message

BROKEN_OFF = 4


def hold(channel):
    """Speaks until `stop`; the exit code. Does not return where the conversation breaks off."""
    try:
        return _speak(channel)
    except ForeignVersion as error:
        print(f"python subject: {error}", file=sys.stderr)
    except BrokenPipeError:
        pass  # the observer is gone
    except Exception:  # a fault of this program: its trace belongs in the cell's log
        traceback.print_exc()
    return _leave()


def _speak(channel):
    channel.send(_hello())
    cell = None
    while True:
        received = channel.receive()
        if received is None:
            return _leave()
        kind = received["type"]
        if kind == "cell":
            cell = _begin(channel, received)
        elif kind == "step":
            channel.send(_done(received, cell))
        elif kind == "stop":
            channel.send(message("bye", api=cell.end() if cell else {}, vfs=None))
            return 0
        else:
            print(f"python subject: no answer to a message of type {kind!r}", file=sys.stderr)


def _leave():
    # Threads may be in the middle of something; as at the end of the leash, nobody waits for them.
    sys.stderr.flush()
    os._exit(BROKEN_OFF)


def _hello():
    return message(
        "hello",
        role="subject",
        program="walsoak-subject-python",
        pid=os.getpid(),
        start_ticks=_start_ticks(),
        sqlite=library(),
        capabilities=CAPABILITIES,
        python=platform.python_version(),
    )


def _start_ticks():
    """Field 22 of /proc/self/stat; counted from the end of the program's name, which may hold spaces."""
    with open("/proc/self/stat", encoding="utf-8", errors="replace") as stat:
        return int(stat.read().rpartition(")")[2].split()[22 - 3])


def _begin(channel, received):
    """The cell, or None where it cannot be; answered either way."""
    begun = time.monotonic_ns()
    cell = None
    try:
        cell = Cell(received)
        content = cell.begun
    except Exception as error:  # a wrong setting, or a module that does not load: the observer ends the run
        content = {"ok": False, "error": describe(error, "cell")}
    channel.send(_answer(received, begun, content))
    return cell


def _done(step, cell):
    begun = time.monotonic_ns()
    try:
        if cell is None:
            raise ApplicationError("no cell", "a step before its cell", step["step"])
        content = cell.do(step)
    except Exception as error:  # the step failed as a whole: the conversation goes on
        content = {"ok": False, "error": describe(error, step["step"])}
    return _answer(step, begun, content)


def _answer(received, begun_ns, content):
    latency_us = (time.monotonic_ns() - begun_ns) // 1000
    return message("done", id=received["id"], latency_us=latency_us, **content)
