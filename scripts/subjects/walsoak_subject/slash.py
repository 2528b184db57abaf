"""Slash commands: each adds a task to one board, in the way of somebody who types it into a chat."""

from .acknowledgements import Acknowledgements


class SlashCommands:
    """Used by one thread at a time, beside the dispatcher's: hence a writer's name and log of its own."""

    def __init__(self, ack_dir, writer="slash", mark="s"):
        self._ack_dir = ack_dir
        self._writer = writer
        self._mark = mark  # of the names of its tasks
        self._acknowledgements = None

    def add(self, board, connection, slot, now_s):
        """Adds a ready task in one acknowledged transaction, and lists the tasks by status."""
        # The log is opened by the first command, ahead of its transaction: a cell without commands has none.
        if self._acknowledgements is None:
            self._acknowledgements = Acknowledgements(self._ack_dir, self._writer)
        task = f"{board.name}-{self._mark}{slot:06d}"
        with connection.transaction():
            connection.change("slash_add", id=task, title=f"slash {task}", now=now_s)
            seq = self._acknowledgements.take(board)
            connection.change("acknowledge", writer=self._writer, seq=seq)
        self._acknowledgements.append(board, seq)
        return {"statuses": len(connection.query("status_counts"))}

    def close(self):
        if self._acknowledgements is not None:
            self._acknowledgements.close()
