"""A worker that says hello, takes its cell, and when it is sent a step, a life or a stop dies as DYING_WORKER tells it.

`signal N` or `exit N`; `early exit N` before its hello; `parent N`: it answers its visits, and behind its bye kills the
process that started it by signal N. Its last words go to its stderr, a file of its own.
"""

import argparse
import json
import os
import socket
import sys


def main():
    parser = argparse.ArgumentParser()
    for name in ("socket", "board", "path", "task", "writer"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--stderr", required=True)
    arguments = parser.parse_args()
    log = os.path.join(arguments.stderr, arguments.writer + ".log")
    os.dup2(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), 2)
    how = os.environ["DYING_WORKER"].split()
    if how[0] == "early":
        die(how[1:])
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.connect(arguments.socket)
    hello = {"walsoak": 1, "type": "hello", "role": "worker", "program": "dying_worker.py", "pid": os.getpid(),
             "start_ticks": 1, "sqlite": {"version": "3.0.0", "source_id": "", "compile_options": []},
             "writer": arguments.writer, "board": arguments.board, "task": arguments.task}
    connection.sendall(json.dumps(hello).encode() + b"\n")
    for line in connection.makefile():
        message = json.loads(line)
        if message["type"] == "pause":
            connection.sendall(json.dumps({"walsoak": 1, "type": "done", "id": message["id"], "ok": True}).encode() + b"\n")
        elif how[0] == "parent" and message["type"] == "step":
            answer_visit(connection, message, int(how[1]))
        elif message["type"] in ("step", "run", "stop"):
            die(how)
    sys.exit(4)


def answer_visit(connection, step, number):
    done = {"walsoak": 1, "type": "done", "id": step["id"], "ok": True, "latency_us": 1, "boards": []}
    connection.sendall(json.dumps(done).encode() + b"\n")
    if step["op"] == "complete":
        connection.sendall(b'{"walsoak":1,"type":"bye"}\n')
        os.kill(os.getppid(), number)
        os._exit(0)


def die(how):
    os.write(2, b"first words\nlast words \x1b[31m\n")
    if how[0] == "signal":
        os.kill(os.getpid(), int(how[1]))
    os._exit(int(how[1]))


if __name__ == "__main__":
    main()
