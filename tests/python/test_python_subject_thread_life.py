"""Threads of the Python subject's pool that end after so many steps: in lockstep, and free-running."""

import threading
import weakref

import pytest
from subject_observer import GIVE_UP_S, Subject, job
from walsoak_subject.executor import Executors
from walsoak_subject.free_running.executors import FreeExecutors
from walsoak_subject.free_running.mortal_pool import MortalPool


class Thing:
    """Something that a thread keeps for itself."""


class Local:
    """One thing a thread: what is left of it tells whether its thread is really gone."""

    def __init__(self):
        self._of_thread = threading.local()

    def thing(self):
        self._of_thread.thing = Thing()
        return weakref.ref(self._of_thread.thing)


def mortal(threads, life):
    return MortalPool(threads, life, lambda number: setattr(threading.current_thread(), "name", f"pool-{number}"))


class TestLockstep:
    def test_a_new_thread_takes_the_place_of_one_that_has_done_its_steps(self):
        executors = Executors(2, dedicated=False, life=2)
        lives = [executors.run(False, 1, threading.current_thread) for _ in range(5)]
        assert [lives.index(thread) for thread in lives] == [0, 0, 2, 2, 4]
        assert [thread.is_alive() for thread in lives] == [False] * 4 + [True]
        assert {thread.name for thread in lives} == {"pool-1"}
        executors.join()

    def test_each_thread_counts_its_own_steps_also_those_that_fail(self):
        executors = Executors(2, dedicated=False, life=2)
        other = executors.run(False, 1, threading.current_thread)
        first = executors.run(False, 0, threading.current_thread)
        with pytest.raises(ZeroDivisionError):
            executors.run(False, 0, lambda: 1 // 0)
        assert not first.is_alive() and other.is_alive()
        executors.join()

    def test_what_was_local_to_it_is_gone_before_its_last_step_is_answered(self):
        executors, local = Executors(1, dedicated=False, life=2), Local()
        thing = executors.run(False, 0, local.thing)
        assert thing() is not None
        executors.run(False, 0, int)
        assert thing() is None
        executors.join()

    def test_for_ever_is_0_and_the_dedicated_thread_has_no_life(self):
        for executors, in_scope in ((Executors(1, False), False), (Executors(1, True, life=1), True)):
            threads = {executors.run(in_scope, 0, threading.current_thread) for _ in range(5)}
            assert len(threads) == 1
            executors.join()


class TestFreeRunning:
    def test_a_new_thread_takes_the_place_of_one_that_has_done_its_steps(self):
        pool = mortal(4, 2)
        first, second, third = [pool.submit(threading.current_thread).result(GIVE_UP_S) for _ in range(3)]
        assert first is second is not third
        assert not first.is_alive() and third.is_alive()
        assert first.name == third.name == "pool-0"
        pool.shutdown()
        assert not third.is_alive()

    @pytest.mark.parametrize("last", [int, lambda: 1 // 0])
    def test_what_was_local_to_it_is_gone_before_its_last_step_is_answered(self, last):
        pool, local = mortal(1, 2), Local()
        thing = pool.submit(local.thing).result(GIVE_UP_S)
        assert thing() is not None
        error = pool.submit(last).exception(GIVE_UP_S)
        assert isinstance(error, ZeroDivisionError) == (last is not int)
        assert thing() is None
        pool.shutdown()

    def test_work_waits_where_every_thread_is_at_work(self):
        pool, go_on = mortal(2, 1), threading.Event()
        held = [pool.submit(go_on.wait, GIVE_UP_S) for _ in range(2)]
        names = [pool.submit(lambda: threading.current_thread().name) for _ in range(4)]
        assert not any(work.done() for work in names)
        go_on.set()
        assert all(work.result(GIVE_UP_S) for work in held)
        assert {work.result(GIVE_UP_S) for work in names} <= {"pool-0", "pool-1"}
        pool.shutdown()

    def test_the_thread_that_has_been_idle_longest_takes_the_work(self):
        pool, go_on = mortal(3, 9), threading.Event()
        for work in [pool.submit(go_on.wait, GIVE_UP_S) for _ in range(2)] + [pool.submit(go_on.set)]:
            work.result(GIVE_UP_S)
        name = lambda: threading.current_thread().name  # noqa: E731
        taken = [pool.submit(name).result(GIVE_UP_S) for _ in range(6)]
        assert sorted(taken[:3]) == ["pool-0", "pool-1", "pool-2"] and taken[3:] == taken[:3]
        pool.shutdown()

    def test_a_thread_without_a_successor_lives_on(self, monkeypatch):
        def refuse(_):
            raise RuntimeError("can't start new thread")

        pool = mortal(1, 1)
        first = pool.submit(threading.current_thread).result(GIVE_UP_S)
        monkeypatch.setattr(threading.Thread, "start", refuse)
        second, third = [pool.submit(threading.current_thread).result(GIVE_UP_S) for _ in range(2)]
        assert first is not second and second is third
        monkeypatch.undo()
        last, after = [pool.submit(threading.current_thread).result(GIVE_UP_S) for _ in range(2)]
        assert last is third is not after
        pool.shutdown()

    def test_the_default_pool_has_it_and_the_loop_has_not(self):
        executors = FreeExecutors(4, dedicated=False, on_loop=False, life=1)
        first, second = [executors.run(False, 0, threading.current_thread) for _ in range(2)]
        assert first is not second and (first.name, second.name) == ("pool-0", "pool-0")
        executors.join()
        executors = FreeExecutors(4, dedicated=False, on_loop=True, life=1)
        assert executors.run(False, 0, threading.current_thread) is threading.current_thread()
        executors.join()


@pytest.mark.parametrize("life, connections", [(0, None), (1, "each")])
def test_in_a_free_running_cell_connections_a_thread_grow_where_threads_end(tmp_path, life, connections):
    with Subject(tmp_path) as subject:
        subject.cell(mode="free", strategy="thread-local", pool_threads=1, pool_thread_life=life)
        ticks = subject.run_until({"tick": 3}, job("tick", "dispatch probe", None))
        opened, closed = subject.api()
        if connections is None:
            assert (opened, closed) == ({"dispatcher": 1}, {})
        else:
            assert opened == {"dispatcher": len(ticks), "probe": len(ticks)}
            kept = 2 * len(ticks) if subject.waits_for_collector() else 0
            assert subject.descriptors()["kanban.db-wal"] == kept
        bye, code = subject.stop()
        assert code == 0 and bye["api"]["b01"]["closed"] == opened
