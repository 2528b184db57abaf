"""The lock guard: a read lock of this process on each board's main file that SQLite knows nothing of.

An open-file-description lock: closing another descriptor of the file drops the process's POSIX locks and not
this one. While it is held nobody, SQLite in this very process included, gets the file's shared range for itself.
"""

import fcntl
import os
import struct
import threading

from .errors import located

F_OFD_SETLK = 37
SHARED_FIRST = 1073741826  # SQLite's shared range; one byte before it is the reserved byte
SHARED_SIZE = 510


class LockGuards:
    """For any thread. A guard, once opened, stays so until close(): to close its descriptor drops POSIX locks."""

    def __init__(self):
        self._lock = threading.Lock()
        self._descriptors = {}  # board's name: its descriptor
        self._locked = set()  # names of boards

    def hold(self, board):
        """Takes the board's lock where it is not held yet. Raises OSError with its place noted."""
        with self._lock:
            if board.name in self._locked:
                return
            try:
                if board.name not in self._descriptors:
                    self._descriptors[board.name] = os.open(board.path, os.O_RDONLY | os.O_CLOEXEC)
                fcntl.fcntl(self._descriptors[board.name], F_OFD_SETLK, _read_lock())
            except OSError as error:
                raise located(error, "lock guard")
            self._locked.add(board.name)

    def counts(self):
        """How many descriptors are held on each board that has one."""
        with self._lock:
            return dict.fromkeys(self._descriptors, 1)

    def close(self):
        for descriptor in self._descriptors.values():
            os.close(descriptor)
        self._descriptors.clear()


def _read_lock():
    # struct flock on 64-bit Linux: type, whence, start, length, pid (0, as this kind of lock asks for).
    return struct.pack("hhqqi4x", fcntl.F_RDLCK, os.SEEK_SET, SHARED_FIRST, SHARED_SIZE, 0)
