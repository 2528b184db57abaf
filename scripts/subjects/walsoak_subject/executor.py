"""Threads that lockstep steps run on: a pool, picked from by index, and one that a strategy may declare."""

import collections
import queue
import threading

DEDICATED_NAME = "kanban-dispatcher"


class ServiceThread:
    """One long-lived thread that does what it is handed, one piece of work at a time."""

    def __init__(self, name):
        self._requests = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._serve, name=name, daemon=True)
        self._thread.start()
        # Waited for: it opens a descriptor for a moment, and no sample of the observer may fall on that.
        self.run(lambda: name_in_kernel(name))

    def run(self, work):
        """Runs work() on the thread and waits: its result, or what it raised."""
        answer = queue.SimpleQueue()
        self._requests.put((work, answer))
        result, error = answer.get()
        try:
            if error is not None:
                raise error
            return result
        finally:
            # An error that its own traceback leads back to would be a cycle, and hold what it failed on.
            del error

    def join(self):
        self._requests.put(None)
        self._thread.join()

    def _serve(self):
        while self._serve_one():
            pass

    def _serve_one(self):
        # A frame of its own: between two requests this thread holds nothing of the last one.
        request = self._requests.get()
        if request is None:
            return False
        work, answer = request
        try:
            answer.put((work(), None))
        except BaseException as error:  # handed to the caller, who raises it
            answer.put((None, error))
        return True


class Executors:
    """The pool's threads begin when a step first picks them. With a `life` each ends after so many steps, and
    is gone before the last of them is answered; a new one of its name begins when a step picks it next."""

    def __init__(self, pool_threads, dedicated, life=0):
        self._pool_threads = pool_threads
        self._life = life
        self._lived = collections.Counter()  # steps, of the threads of the pool
        self._pool = {}
        self._dedicated = ServiceThread(DEDICATED_NAME) if dedicated else None

    def run(self, in_scope, index, work):
        """Runs work(); one that goes through the strategy runs on its thread where it declares one."""
        if in_scope and self._dedicated:
            return self._dedicated.run(work)
        return self._run_in_pool(index, work)

    def _run_in_pool(self, index, work):
        if not 0 <= index < self._pool_threads:
            raise ValueError(f"thread {index}, but the pool has {self._pool_threads}")
        if index not in self._pool:
            self._pool[index] = ServiceThread(f"pool-{index}")
        try:
            return self._pool[index].run(work)
        finally:
            self._lived[index] += 1
            if self._lived[index] == self._life:
                self._pool.pop(index).join()
                del self._lived[index]

    def join(self):
        for thread in [*self._pool.values(), *([self._dedicated] if self._dedicated else [])]:
            thread.join()


def name_in_kernel(name):
    """Names the calling thread, so that a list of this process's threads shows it; 15 characters are kept."""
    try:
        with open(f"/proc/self/task/{threading.get_native_id()}/comm", "w", encoding="utf-8") as comm:
            comm.write(name)
    except OSError:
        pass  # a name is no reason to stop
