#!/usr/bin/env python3
"""The Python subject: a dispatcher under test on CPython's sqlite3, driven by an observer over protocol v1.

Speaks JSON Lines on stdin and stdout (docs/protocol.md); ends with 0 after `stop`, with 4 where the
conversation breaks off. Needs Python 3.9 and its standard library. `--describe` lists what it can do.
"""

import gc
import os
import sys

# Under -I, which keeps the working folder out, Python does not look beside the script either.
sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))


def main(arguments):
    if arguments == ["--describe"]:
        from walsoak_subject.description import print_description

        return print_description()
    if arguments:
        print(
            "subject.py: takes no arguments but --describe; it is started by walsoak and speaks the protocol "
            "of docs/protocol.md on stdin and stdout",
            file=sys.stderr,
        )
        return 3
    return converse()


def converse():
    # The stream is moved before anything else is imported: a print of any module then goes to stderr.
    from walsoak_subject.streams import take_standard_streams

    read_fd, write_fd = take_standard_streams()
    # A collection is an act that the observer orders; `collector: auto` turns CPython's own on again.
    gc.disable()

    from walsoak_subject import conversation, leash
    from walsoak_subject.protocol import Channel

    leash.watch()
    return conversation.hold(Channel(read_fd, write_fd))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
