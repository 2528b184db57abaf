"""The conversation with the observer, from `hello` to `bye`: in lockstep, one step in flight at a time.

A free-running cell takes it over: from its `cell` on, the event loop of free_running speaks.
"""

import os
import platform
import sys
import traceback

from . import answers
from .cell import Cell
from .description import CAPABILITIES, library
from .errors import ApplicationError
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
            if cell is not None and cell.free:
                return _run_free(channel, cell)
        elif kind in ("step", "run", "pause"):
            channel.send(_done(received, cell))
        elif kind == "stop":
            channel.send(message("bye", api=cell.end() if cell else {}, vfs=None))
            return 0
        else:
            print(f"python subject: no answer to a message of type {kind!r}", file=sys.stderr)


def _run_free(channel, cell):
    # Imported here: a lockstep cell has no event loop, and nothing of one in its memory.
    from .free_running.conversation import hold_on_loop

    exit_code = hold_on_loop(channel, cell)
    return _leave() if exit_code is None else exit_code


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
    begun = answers.now_ns()
    cell = None
    try:
        cell = Cell(received)
        content = cell.begun
    except Exception as error:  # a wrong setting, or a module that does not load: the observer ends the run
        content = answers.failed(error, "cell")
    channel.send(answers.done(received, begun, content))
    return cell


def _done(received, cell):
    begun = answers.now_ns()
    kind = received["type"]
    name = received["step"] if kind == "step" else kind
    try:
        if cell is None:
            raise ApplicationError("no cell", f"a {kind} before its cell", name)
        if kind != "step":
            raise ApplicationError("lockstep", f"a {kind} in a cell that does not run free", name)
        content = cell.do(received)
    except Exception as error:  # the step failed as a whole: the conversation goes on
        content = answers.failed(error, name)
    return answers.done(received, begun, content)
