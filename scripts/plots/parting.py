"""Where the three ledgers of a cell part: the first quiet tick of each way, found while its stream is read.

Only the equations of the record are looked at, board by board; what a null hides is left out. These are
marks for the eye upon a picture: findings and mechanisms come from the summary.
"""

from dataclasses import dataclass

import board_state


@dataclass(frozen=True)
class Mark:
    tick: int
    text: str


def _known(board, *keys):
    return None not in [board.get(key) for key in keys]


def _api(board):
    if _known(board, "api_open", "vfs_main") and board["api_open"] != board["vfs_main"]:
        return f"API and VFS part: API {board['api_open']}, VFS main {board['vfs_main']}"
    return None


def _api_kernel(board):
    """For a subject without a VFS ledger."""
    if board.get("vfs_main") is None and _known(board, "api_open", "kernel_main") \
            and board["api_open"] != board["kernel_main"]:
        return f"API and kernel part: API {board['api_open']}, kernel main {board['kernel_main']}"
    return None


def _wal(board):
    if _known(board, "vfs_wal", "kernel_wal") and board["vfs_wal"] != board["kernel_wal"]:
        return f"VFS and kernel part: VFS -wal {board['vfs_wal']}, kernel -wal {board['kernel_wal']}"
    return None


def _main(board):
    """Descriptors that SQLite keeps for reuse (parked) are healthy up to the peak of open main files."""
    if not _known(board, "vfs_main", "kernel_main") or board["vfs_main"] == board["kernel_main"]:
        return None
    vfs, kernel, peak = board["vfs_main"], board["kernel_main"], board.get("vfs_main_peak")
    parked = vfs > 0 and peak is not None and vfs <= kernel <= peak
    return f"VFS and kernel part: VFS main {vfs}, kernel main {kernel}" + ("; parked, within the peak"
                                                                           if parked else "")


def _lock(board):
    return "no lock on the main file while its -wal is held" if board_state.lock_lost(board) else None


def _deleted(board):
    wal, shm = board.get("kernel_wal_deleted") or 0, board.get("kernel_shm_deleted") or 0
    return f"first deleted sidecar still held (-wal {wal}, -shm {shm})" if board_state.sidecar_deleted(board) else None


def _replaced(board):
    return "main file held that is not the one at the path" if board_state.main_replaced(board) else None


WAYS = (_api, _api_kernel, _wal, _main, _lock, _deleted, _replaced)


class Partings:
    """Call it with every quiet sample; `marks` then holds the first of each way, in order of time."""

    def __init__(self):
        self._first = {}
        self._open = list(WAYS)  # those not seen yet

    def __call__(self, tick, boards):
        for name, board in boards.items():
            for way in self._open:
                if text := way(board):
                    self._first[way] = Mark(tick, f"tick {tick}, {name}: {text}")
            if len(self._open) + len(self._first) > len(WAYS):
                self._open = [way for way in WAYS if way not in self._first]

    @property
    def marks(self):
        return sorted(self._first.values(), key=lambda mark: mark.tick)
