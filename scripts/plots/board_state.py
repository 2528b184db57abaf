"""The state of a board's files at one sample, for pictures: the rules of harness/evidence/facts/board_state.h.

Contract: each function takes the values of one board by key and gives True, False or None, not known. The tests hold
both sides to the cases of tests/fixtures/board_state.
"""


def _some(count):
    return None if count is None else count > 0


def _none(count):
    return None if count is None else count == 0


def _all(*parts):
    return False if False in parts else None if None in parts else True


def _any(*parts):
    return True if True in parts else None if None in parts else False


def locked(board):
    """A lock of either kind is held on the main file's shared range."""
    return _any(_some(board.get("lock_main_posix")), _some(board.get("lock_main_ofd")))


def _locks_bytes(board, was_locked):
    """Whether SQLite locks bytes of the main file: a -shm shows it, or a lock that was there before. A folder <main>.lock
    is the lock of unix-dotfile."""
    if was_locked or _some(board.get("kernel_shm")):
        return True
    return False if _some(board.get("lock_folder")) else None


def lock_lost(board, was_locked=False):
    """A -wal or -journal is held, and no lock of either kind on the main file's shared range. `was_locked`: at an earlier
    sample of the board there was one."""
    # A file of that name beside no held main file may be no journal of SQLite's.
    journal = _all(_some(board.get("kernel_journal")), _some(board.get("kernel_main")))
    return _all(_any(_some(board.get("kernel_wal")), journal),
                _none(board.get("lock_main_posix")), _none(board.get("lock_main_ofd")), _locks_bytes(board, was_locked))


def _not_live(board):
    deleted = board.get("kernel_main_deleted")
    return None if deleted is None else deleted + (board.get("kernel_main_replaced") or 0)


def _deleted_of_a_live_main(wal, shm, not_live):
    held = _any(_some(wal), _some(shm))
    if not_live == 0 or held is False:
        return held
    return None if wal is None or not_live is None else wal > not_live


def sidecar_deleted(board):
    """A deleted -wal or -shm is held beside a live main file, and is not that of a main that is gone itself."""
    main, not_live = board.get("kernel_main"), _not_live(board)
    live = None if main is None or not_live is None else main - not_live
    return _all(_deleted_of_a_live_main(board.get("kernel_wal_deleted"), board.get("kernel_shm_deleted"), not_live),
                _some(live))


def main_replaced(board):
    """A main descriptor is on a deleted file, or on another inode than the path."""
    return _any(_some(board.get("kernel_main_deleted")), _some(board.get("kernel_main_replaced")))


def _difference(a, b):
    return None if a is None or b is None else a - b


def _same(a, b):
    return None if a is None or b is None else a == b


_CHECKPOINTED_BYTES = 1000 * (4096 + 24)


def _not_by_the_wal(board, before):
    wal, wal_before, main = board.get("wal_bytes"), before.get("wal_bytes"), board.get("main_bytes")
    if wal is None or wal_before is None or main is None:
        return None
    return not (wal - wal_before >= main > 0 and wal >= _CHECKPOINTED_BYTES)


def main_shrunk(board, before):
    """The main file became shorter since the sample before under a -wal that was held throughout, and not by what the -wal
    took in meanwhile. `before` is None at the first sample: it takes two."""
    if before is None:
        return None
    return _all(_some(_difference(before.get("main_bytes"), board.get("main_bytes"))), _some(board.get("kernel_wal")),
                _some(before.get("kernel_wal")), _same(board.get("main_inode"), before.get("main_inode")),
                _same(board.get("wal_inode"), before.get("wal_inode")), _none(board.get("kernel_main_deleted")),
                _none(board.get("kernel_main_replaced")), _none(board.get("kernel_wal_deleted")),
                _not_by_the_wal(board, before))
