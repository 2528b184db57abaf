"""Protocol v1: one JSON object a line, with the key `walsoak`. One thread reads; any thread may write."""

import json
import os
import sys
import threading

VERSION = 1


class ForeignVersion(Exception):
    """A message of another version of the protocol: the conversation cannot go on."""


def message(kind, **content):
    return {"walsoak": VERSION, "type": kind, **content}


def parse(line):
    """The message on a line, or None where the line is none and belongs in the log."""
    try:
        found = json.loads(line)
    except ValueError:
        return None
    if not isinstance(found, dict) or "walsoak" not in found:
        return None
    if found["walsoak"] != VERSION:
        raise ForeignVersion(f"protocol version {found['walsoak']!r}, but this program speaks {VERSION}")
    return found


class Channel:
    """A pair of descriptors that carries messages."""

    def __init__(self, read_fd, write_fd):
        self._read_fd = read_fd
        self._write_fd = write_fd
        self._buffer = b""
        self._writing = threading.Lock()

    def send(self, content):
        line = json.dumps(content, separators=(",", ":"), ensure_ascii=False, allow_nan=False) + "\n"
        # A path that is no UTF-8 arrives as lone surrogates: replaced, never an error.
        rest = memoryview(line.encode("utf-8", "replace"))
        with self._writing:
            while rest:
                rest = rest[os.write(self._write_fd, rest):]

    def receive(self):
        """The next message, or None at end-of-file. Blocks."""
        while True:
            received = self._buffered()
            if received is not None:
                return received
            if not self._fill():
                return None

    def fileno(self):
        """The descriptor that is readable when arrived() has something to read."""
        return self._read_fd

    def waiting(self):
        """The messages that were read already, beside one that receive() returned."""
        return list(iter(self._buffered, None))

    def arrived(self):
        """Reads once: the messages that are complete by then, with a None behind them at end-of-file.

        Blocks only where the descriptor is not readable.
        """
        at_end = not self._fill()
        return self.waiting() + ([None] if at_end else [])

    def _fill(self):
        chunk = os.read(self._read_fd, 65536)
        self._buffer += chunk
        return bool(chunk)

    def _buffered(self):
        while True:
            line, found, rest = self._buffer.partition(b"\n")
            if not found:
                return None
            self._buffer = rest
            received = parse(line)
            if received is not None:
                return received
            print("no message:", line.decode("utf-8", "replace"), file=sys.stderr)
