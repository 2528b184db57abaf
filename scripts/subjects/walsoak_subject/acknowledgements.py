"""A writer's acknowledged writes: each board's next number, and the log of what was committed."""

import os


class Acknowledgements:
    """Used by one thread at a time. The log stays open: a process out of descriptors can acknowledge."""

    def __init__(self, folder, writer):
        self.writer = writer
        path = os.path.join(folder, writer + ".log")
        self._log = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        self._last = {}

    def take(self, board):
        """The number of the transaction about to commit. It is used up, whatever becomes of that."""
        self._last[board.name] = self._last.get(board.name, 0) + 1
        return self._last[board.name]

    def append(self, board, seq):
        """To be called after COMMIT has returned, never before. One write."""
        os.write(self._log, f"{board.name} {self.writer} {seq}\n".encode())

    def close(self):
        os.close(self._log)
