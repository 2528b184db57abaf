"""A lock of the application's own round what it does on a board: flock(2) on a file beside it."""

import contextlib
import fcntl
import os

from .errors import located


@contextlib.contextmanager
def board_flock(path, wanted):
    """The exclusive lock on `<path>.lock`, waited for; nothing where it is not wanted. Raises OSError, its place noted."""
    if not wanted:
        yield
        return
    try:
        descriptor = os.open(path + ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise located(error, "flock")
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
