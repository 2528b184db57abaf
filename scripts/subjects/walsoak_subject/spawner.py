"""Starts and reaps the worker processes, from one long-lived thread, as the field's dispatcher does."""

import errno
import os
import signal

from . import leash
from .errors import ApplicationError, located
from .executor import ServiceThread

# Where the leash stands for a moment in a child: a dup2 onto its own number may keep it close-on-exec. As low as
# can be, since under a lowered limit dup2 refuses a number at or above it (EBADF); all else in the child is closed.
_OUT_OF_THE_WAY = leash.DESCRIPTOR + 1


class Spawner:
    """Used by one thread at a time. `live` counts the workers started and not yet reaped."""

    def __init__(self, argv, environment, writer_prefix):
        self._argv = argv
        self._writer_prefix = writer_prefix
        self._environment = {name: value for name, value in os.environ.items() if name not in environment}
        self._environment.update({name: value for name, value in environment.items() if value is not None})
        self._thread = ServiceThread("spawner")
        self._live = {}  # pid: its entry of take_spawned()
        self._fresh = []
        self._spawned = 0

    @property
    def live(self):
        return len(self._live)

    def next_writer(self):
        """The name of the next worker that is really started."""
        return f"{self._writer_prefix}{self._spawned + 1:04d}"

    def spawn(self, board, task, writer):
        """Starts a worker; its pid. Raises OSError."""
        argv = [*self._argv, "--board", board.name, "--path", board.path, "--task", task, "--writer", writer]
        try:
            pid = self._thread.run(lambda: self._posix_spawn(argv))
        except OSError as error:
            raise located(error, "spawn")
        self._spawned += 1
        self._live[pid] = {"pid": pid, "writer": writer, "board": board.name, "task": task}
        self._fresh.append(self._live[pid])
        return pid

    def take_spawned(self):
        """The workers started since the last call, as the `done` of a dispatch step lists them."""
        fresh, self._fresh = self._fresh, []
        return fresh

    def reap(self, pid):
        """Waits for a worker that has ended: its exit code and the signal that killed it."""
        if pid not in self._live:
            raise ApplicationError("reap", f"{pid} is no worker of this subject, or was reaped", "reap")
        _, status = self._thread.run(lambda: os.waitpid(pid, 0))
        del self._live[pid]
        return _end(status)

    def reap_ended(self):
        """Reaps the workers that have ended by now, without waiting: each writer with its end."""
        if not self._live:
            return []
        found = self._thread.run(lambda: [os.waitpid(pid, os.WNOHANG) for pid in self._live])
        # A pid of 0 stands for a worker that is still at work.
        return [{"writer": self._live.pop(pid)["writer"], **_end(status)} for pid, status in found if pid]

    def live_on(self, board):
        """Those on the board that are not reaped yet."""
        return [worker for worker in self._live.values() if worker["board"] == board.name]

    def ask_to_end(self, pid):
        """By SIGTERM; nothing for a pid that is none of ours, which may be another program's by now."""
        if pid in self._live:
            os.kill(pid, signal.SIGTERM)

    def is_alive(self, pid, writer):
        """Whether the process that works under this name is there; one that ended and is not reaped yet still is.

        Our own list is asked for ours: a number that was reaped may be another process's by now. Of the workers of
        another dispatcher on the same boards the kernel alone knows.
        """
        if writer.startswith(self._writer_prefix):
            return pid in self._live
        try:
            os.kill(pid, 0)
        except OSError as error:
            return error.errno == errno.EPERM
        return True

    def join(self):
        self._thread.join()

    def _posix_spawn(self, argv):
        actions = []
        if leash.present():
            actions = [
                (os.POSIX_SPAWN_DUP2, leash.DESCRIPTOR, _OUT_OF_THE_WAY),
                (os.POSIX_SPAWN_DUP2, _OUT_OF_THE_WAY, leash.DESCRIPTOR),
                (os.POSIX_SPAWN_CLOSE, _OUT_OF_THE_WAY),
            ]
        # CPython ignores SIGPIPE, and a worker would inherit that.
        defaults = signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}
        return os.posix_spawn(
            argv[0], argv, self._environment, file_actions=actions, setsigmask=[], setsigdef=defaults
        )


def _end(status):
    if os.WIFSIGNALED(status):
        return {"exit_code": 0, "signal": os.WTERMSIG(status)}
    return {"exit_code": os.WEXITSTATUS(status), "signal": 0}
