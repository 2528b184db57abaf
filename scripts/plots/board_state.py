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


def lock_lost(board):
    """A -wal is held, and no lock of either kind on the main file's shared range."""
    return _all(_some(board.get("kernel_wal")), _none(board.get("lock_main_posix")), _none(board.get("lock_main_ofd")))


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
