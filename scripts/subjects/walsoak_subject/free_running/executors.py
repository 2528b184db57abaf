"""What the event loop hands steps to: the default pool, the thread that a strategy may declare, or itself."""

import itertools
import threading
from concurrent.futures import Executor, Future, ThreadPoolExecutor

from ..executor import DEDICATED_NAME, name_in_kernel
from .mortal_pool import MortalPool


class FreeExecutors:
    """With on_loop, everything runs on the loop itself, where a gateway should do no database work."""

    def __init__(self, pool_threads, dedicated, on_loop, life=0):
        self._pool = _OnLoop() if on_loop else _pool(pool_threads, life)
        self._dedicated = _one_thread() if dedicated and not on_loop else self._pool

    def of(self, in_scope):
        return self._dedicated if in_scope else self._pool

    def run(self, in_scope, _, work):
        """Runs work() and waits, where no clock runs: the pool is asked as a whole, not by its index."""
        return self.of(in_scope).submit(work).result()

    def join(self):
        self._pool.shutdown()
        self._dedicated.shutdown()


class _OnLoop(Executor):
    """Does what it is handed at once, on the thread that hands it over."""

    def submit(self, fn, /, *args, **kwargs):
        future = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except BaseException as error:  # handed to whoever awaits it
            future.set_exception(error)
        return future


def _pool(threads, life):
    if life:
        return MortalPool(threads, life, lambda number: _name(f"pool-{number}"))
    # CPython's own, as the field's: which of its idle threads takes a step is its own doing.
    numbers = itertools.count()
    return ThreadPoolExecutor(threads, "pool", initializer=lambda: _name(f"pool-{next(numbers)}"))


def _one_thread():
    return ThreadPoolExecutor(1, DEDICATED_NAME, initializer=lambda: _name(DEDICATED_NAME))


def _name(name):
    # In place of the executor's own numbering: the tick messages and the kernel's list tell these names.
    threading.current_thread().name = name
    name_in_kernel(name)
