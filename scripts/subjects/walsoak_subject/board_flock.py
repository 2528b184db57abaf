"""A lock of the application's own round what it does on a board: flock(2) on a file beside it."""

import contextlib
import fcntl
import os
import threading

from .errors import located

# Paths of the boards that a thread has locked: the lock belongs to a descriptor, so that a second one would wait for the
# first for ever.
_here = threading.local()


@contextlib.contextmanager
def board_flock(path, wanted):
    """The exclusive lock on `<path>.lock`, waited for. Raises OSError, its place noted.

    Nothing where it is not wanted, or where this thread has it already: a pass that is the first to open a board
    initialises it inside its own lock.
    """
    held = _here.__dict__.setdefault("paths", set())
    if not wanted or path in held:
        yield
        return
    try:
        descriptor = os.open(path + ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise located(error, "flock")
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        held.add(path)
        yield
    finally:
        held.discard(path)
        os.close(descriptor)
