"""A pool whose threads end after so many pieces of work; CPython's own keeps its threads to the end.

What a thread's last piece of work came to is told by its successor, once the thread is gone with all that was
local to it: whoever has the answer finds nothing of that thread any more.
"""

import collections
import functools
import queue
import threading
from concurrent.futures import Executor, Future


class _Seat:
    """What outlives a thread of the pool: its number, and the work that it has been handed."""

    def __init__(self, number):
        self.number = number
        self.handed = queue.SimpleQueue()
        self.thread = None
        self.left = threading.Event()


class MortalPool(Executor):
    """submit() picks the seat that has been idle longest, and begins another only where none is idle."""

    def __init__(self, threads, life, name_thread):
        self._threads = threads
        self._life = life
        self._name_thread = name_thread  # called with the seat's number, on its new thread
        self._lock = threading.Lock()
        self._seats = []
        self._idle = collections.deque()  # idle longest first
        self._waiting = collections.deque()  # work for the next seat that is idle

    def submit(self, fn, /, *args, **kwargs):
        future = Future()
        piece = (future, functools.partial(fn, *args, **kwargs))
        with self._lock:
            if self._idle:
                self._idle.popleft().handed.put(piece)
            elif len(self._seats) < self._threads:
                seat = _Seat(len(self._seats))
                self._begin(seat)
                self._seats.append(seat)
                seat.handed.put(piece)
            else:
                self._waiting.append(piece)
        return future

    def shutdown(self, wait=True, *, cancel_futures=False):
        """Ends all threads, with nothing in flight; always waits for them."""
        for seat in self._seats:
            seat.handed.put(None)
        for seat in self._seats:
            seat.left.wait()
            seat.thread.join()

    def _begin(self, seat, before=None, tell=None):
        thread = threading.Thread(target=self._live, args=(seat, before, tell), daemon=True)
        thread.start()
        seat.thread = thread

    def _live(self, seat, before, tell):
        self._name_thread(seat.number)
        if before is not None:
            before.join()
            self._free(seat, tell)
        while self._live_once(seat):
            pass

    def _live_once(self, seat):
        """Whether the thread lives on."""
        for left in reversed(range(self._life)):
            piece = seat.handed.get()
            if piece is None:
                seat.left.set()
                return False
            tell = _carry_out(*piece)
            del piece
            if left:
                self._free(seat, tell)
        try:
            self._begin(seat, threading.current_thread(), tell)
            return False
        except RuntimeError:  # a process that gets no more threads goes on with those it has
            self._free(seat, tell)
            return True

    def _free(self, seat, tell):
        # Idle before its answer is known: the next piece of work finds it.
        with self._lock:
            if self._waiting:
                seat.handed.put(self._waiting.popleft())
            else:
                self._idle.append(seat)
        tell()


def _carry_out(future, work):
    """Does the work; what is left to do is to tell of it."""
    try:
        return functools.partial(future.set_result, work())
    except BaseException as error:  # handed to whoever awaits it
        return functools.partial(future.set_exception, error)
