"""A worker that does nothing but say how it was started, and end as FAKE_WORKER_END tells it.

`exit N`, `signal N`, or `leash`: stays until the leash is at its end-of-file. What it saw goes to
FAKE_WORKER_REPORTS/<writer>.json. Descriptors are read before Python opens any of its own.
"""

import argparse
import json
import os
import signal
import sys


def main():
    descriptors = {}
    for number in os.listdir("/proc/self/fd"):
        try:
            descriptors[int(number)] = os.readlink(f"/proc/self/fd/{number}")
        except FileNotFoundError:
            pass  # the listing's own
    parser = argparse.ArgumentParser()
    for name in ("--board", "--path", "--task", "--writer"):
        parser.add_argument(name, required=True)
    arguments = parser.parse_args()
    report = {
        "arguments": vars(arguments),
        "descriptors": descriptors,
        "environment": dict(os.environ),
        "blocked_signals": sorted(signal.pthread_sigmask(signal.SIG_BLOCK, [])),
    }
    folder = os.environ["FAKE_WORKER_REPORTS"]
    with open(os.path.join(folder, arguments.writer + ".json"), "w", encoding="utf-8") as file:
        json.dump(report, file)
    end, _, number = os.environ.get("FAKE_WORKER_END", "exit 0").partition(" ")
    if end == "leash":
        while os.read(3, 1):
            pass
    elif end == "signal":
        os.kill(os.getpid(), int(number))
    else:
        sys.exit(int(number))


if __name__ == "__main__":
    main()
