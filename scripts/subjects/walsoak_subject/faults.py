"""The faults that only the subject itself can suffer: connects that fail, a reader that stays, a raw copy, a fork.

The first two are known by the number of their fault, so that two of one kind may be at work at once. Those of the VFS
are none of CPython's: a scenario that asks for them here is refused before anything starts.
"""

import threading

from .errors import ApplicationError, describe
from .forked_child import ForkedChild
from .slash import SlashCommands


class FailingConnects:
    """Which connects fail after SQLite has opened the board. Asked by every thread that connects."""

    def __init__(self):
        self._lock = threading.Lock()
        self._failing = {}  # number of the fault: [path, or "" for every board, connects left or 0 for all]

    def begin(self, number, path, count):
        with self._lock:
            self._failing[number] = [path, count]

    def end(self, number):
        with self._lock:
            self._failing.pop(number, None)

    def check(self, path):
        """Raises where this connect is one that fails."""
        with self._lock:
            number = next((number for number, (on, _) in self._failing.items() if on in ("", path)), None)
            if number is None:
                return
            left = self._failing[number]
            if left[1] == 1:
                del self._failing[number]
            elif left[1] > 1:
                left[1] -= 1
        raise ApplicationError("init", "initialisation failed (a fault)", "connect")


class Faults:
    """Carries out steps `fault`, all of them on the thread that the conversation is spoken on."""

    def __init__(self, boards, gateway, failing, ack_dir):
        self._ack_dir = ack_dir
        self._children = {}
        self._boards = {board.name: board for board in boards}
        self._gateway = gateway
        self._failing = failing
        self._readers = {}

    def do(self, step):
        """The content of the step's `done`. An error of the fault itself is told, and the cell goes on."""
        entry = {"board": step.get("board", ""), "ok": True}
        try:
            self._carry_out(step)
        except Exception as error:  # a reader that cannot read, or a fault that is none here
            entry = {**entry, "ok": False, "error": describe(error, "fault")}
        return {"ok": entry["ok"], "boards": [entry]}

    def close(self):
        for child in self._children.values():
            child.end()
        self._children.clear()
        for reader in self._readers.values():
            reader.close()
        self._readers.clear()

    def _carry_out(self, step):
        begins = step["phase"] == "begin"
        acts = {
            ("init-failure", True): lambda: self._failing.begin(
                step["number"], step.get("path", ""), step["count"]
            ),
            ("init-failure", False): lambda: self._failing.end(step["number"]),
            ("raw-copy", True): lambda: _read_whole(step["path"]),
            ("fork", True): lambda: self._fork(step),
            ("fork", False): lambda: self._children.pop(step["number"]).act_and_end(),
            ("long-reader", True): lambda: self._begin_read(step["number"], step["board"]),
            ("long-reader", False): lambda: self._end_read(step["number"]),
        }
        act = acts.get((step["fault"], begins))
        if act is None:
            raise ApplicationError("unknown fault", f"no fault {step['fault']!r} in this subject", "fault")
        act()

    def _fork(self, step):
        """The child adds a task when the fault ends, through a connection inherited from here or through its own."""
        board = self._boards[step["board"]]

        def connect():
            connection = self._gateway.open(board, "held")
            connection.read_once("fork")  # takes the shared lock
            return connection

        inherited = connect() if step["how"] == "inherited" else None

        def act():
            writes = SlashCommands(self._ack_dir, "child", "c")
            writes.add(board, inherited or connect(), step["number"], step["time_s"])

        self._children[step["number"]] = ForkedChild(act)
        if inherited is not None:
            inherited.close()

    def _begin_read(self, number, board):
        reader = self._gateway.open(self._boards[board], "held")
        try:
            reader.command("BEGIN", "long reader")
            reader.read_once("long reader")
        except BaseException:
            reader.close()
            raise
        self._readers[number] = reader

    def _end_read(self, number):
        reader = self._readers.pop(number, None)
        if reader is not None:
            reader.close()


def _read_whole(path):
    # A copy outside SQLite: the close at its end drops this process's locks on the file.
    with open(path, "rb", buffering=0) as file:
        file.read()
