"""flock(2) on a file beside a board: excludes other processes that take the same lock."""

import contextlib
import fcntl
import os
import threading

from .errors import located

# Per thread: paths of the boards that it has locked. A flock belongs to its descriptor: a second one would block forever.
_here = threading.local()


@contextlib.contextmanager
def board_flock(path, wanted):
    """Holds the exclusive lock on `<path>.lock`; blocks. Raises OSError with its place noted.

    Does nothing if not wanted or if this thread holds the lock: the first pass over a board initialises the board under
    the lock of the pass.
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
