"""Takes the conversation off stdin and stdout, so that no stray read or print can disturb it."""

import fcntl
import os
import signal
import sys

LOWEST = 10  # of the moved descriptors: 3 is the leash, and low numbers stay free for what is measured


def take_standard_streams():
    """Moves fds 0 and 1 to close-on-exec ones and returns them; fd 0 is /dev/null then and fd 1 is stderr."""
    read_fd = fcntl.fcntl(0, fcntl.F_DUPFD_CLOEXEC, LOWEST)
    write_fd = fcntl.fcntl(1, fcntl.F_DUPFD_CLOEXEC, LOWEST)
    os.dup2(2, 1)
    nothing = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
    os.dup2(nothing, 0)
    os.close(nothing)
    sys.stdout.reconfigure(line_buffering=True)
    # An interrupt ends this process as it ends one that is not Python; the observer says what it means.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    return read_fd, write_fd
