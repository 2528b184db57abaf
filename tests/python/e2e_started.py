"""walsoak in the background, for the end-to-end tests that stop it, and the processes that it has started.

A process is held by a descriptor of its own (pidfd), so that its end is an event and its number cannot come to mean
another one; a defunct process that nobody has reaped counts as ended.
"""

import contextlib
import fcntl
import json
import os
import pty
import select
import signal
import subprocess
import termios
import threading
from pathlib import Path

from e2e import GIVE_UP_S, WALSOAK, environment, wait_until

# A scenario that cannot end before it is stopped; its workers live as long.
ENDLESS = {"boards": 1, "workers": 2, "ticks": 100000, "worker_visits": 1000}
ROLES = {"walsoak-subject", "walsoak-worker", "walsoak-checker"}


def descendants(pid):
    """{pid: program} of the processes below `pid`, zombies left out."""
    programs, children = {}, {}
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            parent = int(Path(f"/proc/{entry}/stat").read_text().rpartition(")")[2].split()[1])
            programs[int(entry)] = Path(os.readlink(f"/proc/{entry}/exe")).name
        except OSError:  # ended meanwhile, or none of ours
            continue
        children.setdefault(parent, []).append(int(entry))
    found, below = {}, list(children.get(pid, []))
    while below:
        child = below.pop()
        found[child] = programs[child]
        below += children.get(child, [])
    return found


class Family:
    """The processes below a walsoak, held by their pidfds."""

    def __init__(self, members):
        self.members = {}
        for pid, program in members.items():
            with contextlib.suppress(ProcessLookupError):
                self.members[pid] = (program, os.pidfd_open(pid))

    def programs(self):
        return {program for program, _ in self.members.values()}

    def alive(self):
        waiting = [descriptor for _, descriptor in self.members.values()]
        ended = select.select(waiting, [], [], 0)[0]
        return {pid: program for pid, (program, descriptor) in self.members.items() if descriptor not in ended}

    def wait(self, seconds):
        """Waits until all have ended; returns those that have not."""
        for _, descriptor in self.members.values():
            select.select([descriptor], [], [], seconds)
        return self.alive()

    def end(self):
        for _, descriptor in self.members.values():
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(descriptor, signal.SIGKILL)
        self.let_go()

    def let_go(self):
        for _, descriptor in self.members.values():
            os.close(descriptor)
        self.members = {}


class Started:
    """A running walsoak; on leaving, it and all below it are gone. stdout is a pipe. With `terminal`, the value of
    TERM, stdin and stderr are a pty that is its controlling terminal; otherwise stderr is a pipe."""

    def __init__(self, *arguments, cwd, terminal=None, **env):
        self.family = Family({})
        self.errors = b""
        self._own_end, others = pty.openpty() if terminal else os.pipe()
        if terminal:
            env["TERM"] = terminal
        self.process = subprocess.Popen(
            [str(WALSOAK), *map(str, arguments)], cwd=cwd, env=environment(**env), start_new_session=True,
            stdin=others if terminal else subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=others,
            preexec_fn=(lambda: fcntl.ioctl(others, termios.TIOCSCTTY, 0)) if terminal else None)
        os.close(others)
        # A stream that nobody reads would stop the program.
        self._readers = [threading.Thread(target=self._read_errors), threading.Thread(target=self._read_output)]
        for reader in self._readers:
            reader.start()

    def _read_errors(self):
        with contextlib.suppress(OSError):  # a pty whose other end is closed
            while chunk := os.read(self._own_end, 4096):
                self.errors += chunk

    def _read_output(self):
        self.output = self.process.stdout.read().decode()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.family = Family(descendants(self.process.pid)) if not self.family.members else self.family
            self.process.kill()
        self.process.wait(GIVE_UP_S)
        self.family.end()
        for reader in self._readers:
            reader.join(GIVE_UP_S)
        self.process.stdout.close()
        os.close(self._own_end)

    def wait(self):
        """Waits for its end and for all that it has written; returns its exit code, negative for a signal."""
        code = self.process.wait(GIVE_UP_S)
        for reader in self._readers:
            reader.join(GIVE_UP_S)
        return code

    def type(self, keys):
        """Types on the terminal."""
        os.write(self._own_end, keys)

    def reach_tick(self, stream, tick, programs=ROLES):
        """Waits until the stream has the sample of `tick`, then takes hold of the processes below."""
        wait_until(lambda: stream.exists() and any(
            line.get("type") == "sample" and line["tick"] >= tick for line in complete_lines(stream)), f"tick {tick}")

        def take_hold():
            family = Family(descendants(self.process.pid))
            if family.programs() >= programs:
                self.family = family
                return True
            family.let_go()
            return False

        wait_until(take_hold, f"processes {programs}")


def complete_lines(stream):
    """The parsed lines of a stream but for a last one without its newline."""
    return [json.loads(line) for line in stream.read_bytes().splitlines(keepends=True) if line.endswith(b"\n")]
