"""What tells that the file behind a board's path is another one, or has changed. None where there is none."""

import os


def _stat(path):
    try:
        return os.stat(path)
    except FileNotFoundError:
        return None


def inode(path):
    found = _stat(path)
    return found and (os.path.realpath(path), found.st_dev, found.st_ino)


def mtime_size(path):
    found = _stat(path)
    return found and (os.path.realpath(path), found.st_mtime_ns, found.st_size)


def generation(path):
    found, wal = _stat(path), _stat(os.path.realpath(path) + "-wal")
    return found and (os.path.realpath(path), found.st_ino, wal.st_ino if wal else 0)


KINDS = {"inode": inode, "mtime-size": mtime_size, "generation": generation}


class DisabledBoards:
    """Boards that were corrupt at a dispatch pass: left alone until their file changes."""

    def __init__(self):
        self._seen = {}

    def disable(self, board):
        self._seen[board.name] = mtime_size(board.path)

    def holds(self, board):
        if board.name not in self._seen:
            return False
        if self._seen[board.name] == mtime_size(board.path):
            return True
        del self._seen[board.name]
        return False
