"""flock(2) on a file beside a board: excludes other processes that take the same lock."""

import contextlib
import fcntl
import os
import threading
import time

from .errors import located

# How long a lock is tried for while another process has it, in seconds: a dispatch pass tries once and leaves the board
# to the other (#50331); an initialisation tries for ten seconds and then goes on without it (#50353).
TRY_ONCE = 0
INITIALISATION_PATIENCE = 10
_BETWEEN_TRIES = 0.02

# Per thread: paths of the boards that it has locked. A flock belongs to its descriptor: a second one would block forever.
_here = threading.local()


@contextlib.contextmanager
def board_flock(path, wanted, patience):
    """Holds the exclusive lock on `<path>.lock`; gives False where another process had it for `patience` seconds.

    Does nothing if not wanted or if this thread holds the lock: the first pass over a board initialises the board under
    the lock of the pass. Raises OSError with its place noted.
    """
    held = _here.__dict__.setdefault("paths", set())
    if not wanted or path in held:
        yield True
        return
    try:
        descriptor = os.open(path + ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise located(error, "flock")
    try:
        taken = _take(descriptor, time.monotonic() + patience)
        if taken:
            held.add(path)
        yield taken
    finally:
        held.discard(path)
        os.close(descriptor)


def _take(descriptor, give_up):
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() >= give_up:
                return False
            time.sleep(_BETWEEN_TRIES)
