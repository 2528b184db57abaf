"""The boards of a cell, and which of them are there: a file may vanish, and appear again, at any time."""

import os


class BoardList:
    """present() and at_slot() are for any thread, vanished() for the dispatcher's steps alone."""

    def __init__(self, boards):
        self._boards = boards
        self._seen = set(boards)

    def every(self):
        """All boards of the cell, there or not."""
        return self._boards

    def present(self):
        """The boards whose main file exists. The others are skipped by whoever lists the boards."""
        return [board for board in self._boards if os.path.exists(board.path)]

    def at_slot(self, slot):
        """The one board that is a slot's turn; no board where its file does not exist."""
        board = self._boards[slot % len(self._boards)]
        return [board] if os.path.exists(board.path) else []

    def vanished(self):
        """The boards that were there at the last call, or at the start, and are not now."""
        present = set(self.present())
        gone = [board for board in self._boards if board in self._seen - present]
        self._seen = present
        return gone
