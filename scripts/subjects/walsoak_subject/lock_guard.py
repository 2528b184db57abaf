"""The lock guards: read locks of this process on a board's main file and -shm that SQLite knows nothing of.

Open-file-description locks: closing another descriptor of the file drops the process's POSIX locks and not
this one. While it is held nobody, SQLite in this very process included, gets the file's shared range for itself.
"""

import fcntl
import os
import struct
import threading

from .errors import located

F_OFD_SETLK = 37
SHARED_RANGE = (1073741826, 510)  # of the main file: first byte, size; one byte before it is the reserved byte
SHM_DMS = (128, 1)  # of the -shm: read-locked by each process that has it mapped


class LockGuards:
    """For any thread. A guard, once opened, stays so until close(): to close its descriptor drops POSIX locks."""

    def __init__(self):
        self._lock = threading.Lock()
        self._descriptors = {}  # (path, device, inode): descriptor
        self._locked = set()  # the same

    def hold(self, path, byte_range):
        """Locks the file at the path once per inode. Raises OSError with its place noted."""
        with self._lock:
            try:
                status = os.stat(path)
                file = (path, status.st_dev, status.st_ino)
                if file in self._locked:
                    return
                if file not in self._descriptors:
                    self._descriptors[file] = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
                fcntl.fcntl(self._descriptors[file], F_OFD_SETLK, _read_lock(*byte_range))
            except OSError as error:
                raise located(error, "lock guard")
            self._locked.add(file)

    def counts(self, boards):
        """How many descriptors are held on the main file of each board that has one."""
        with self._lock:
            held = [path for path, _, _ in self._descriptors]
            return {board.name: held.count(board.path) for board in boards if board.path in held}

    def close(self):
        for descriptor in self._descriptors.values():
            os.close(descriptor)
        self._descriptors.clear()


def _read_lock(first, size):
    # struct flock on 64-bit Linux: type, whence, start, length, pid (0, as this kind of lock asks for).
    return struct.pack("hhqqi4x", fcntl.F_RDLCK, os.SEEK_SET, first, size, 0)
