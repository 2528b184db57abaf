"""The arithmetic of free-running cells, and their loop driven by hand: no clock runs in these tests."""

import asyncio
import threading

import pytest
from subject_observer import PROGRAM  # noqa: F401  puts the subject's package on the path
from walsoak_subject.free_running import clock, job, lag
from walsoak_subject.free_running.executors import FreeExecutors
from walsoak_subject.free_running.lag import Lag
from walsoak_subject.free_running.schedule import Schedule
from walsoak_subject.free_running.step_runner import StepRunner


class TestSchedule:
    def test_slots_are_due_at_multiples_of_the_interval(self):
        schedule = Schedule(1000, 100)
        assert [schedule.due_us(slot) for slot in range(3)] == [1100, 1200, 1300]

    @pytest.mark.parametrize(
        "last, now, slot",
        [
            (-1, 0, 0),  # long before t0
            (-1, 1000, 0),
            (-1, 1099, 0),
            (-1, 1100, 1),  # what is due now is no longer to come
            (0, 1150, 1),
            (0, 1199, 1),
            (0, 1200, 2),
            (4, 1150, 5),  # never one that has been
            (0, 1999, 9),
            (0, 2000, None),
            (9, 1000, None),
        ],
    )
    def test_the_next_slot_is_strictly_in_the_future(self, last, now, slot):
        assert Schedule(1000, 100, slots=10).after(last, now) == slot

    def test_without_an_end_there_is_always_a_next_slot(self):
        assert Schedule(1000, 100).after(7, 10**12) == (10**12 - 1000) // 100

    def test_skipped_slots_are_those_between(self):
        schedule = Schedule(0, 100, slots=10)
        assert schedule.skipped(-1, 0) == schedule.skipped(3, 4) == schedule.skipped(9, None) == 0
        assert schedule.skipped(3, 7) == 3
        assert schedule.skipped(-1, None) == 10


class FakeLoop:
    """Timers go off when the test says so; tasks are kept for it to run."""

    def __init__(self, monkeypatch, under_test):
        self.now_us = 0
        self.timers = []
        self.tasks = []
        monkeypatch.setattr(under_test, "now_us", lambda: self.now_us)

    def call_at(self, when_s, callback, *arguments):
        self.timers.append((round(when_s * 1e6), callback, arguments))
        return self

    def cancel(self):
        self.timers.clear()

    def due(self):
        return [when for when, _, _ in self.timers]

    def create_task(self, coroutine):
        self.tasks.append(coroutine)
        return coroutine

    def fire(self, now_us):
        self.now_us = now_us
        _, callback, arguments = self.timers.pop()
        callback(*arguments)

    def finish(self, now_us):
        """The slot that is running comes to its end."""
        self.now_us = now_us
        with pytest.raises(StopIteration):
            self.tasks.pop().send(None)


def test_lag_is_the_worst_since_the_last_look():
    lagging = Lag()
    for late in (3, 9, 5):
        lagging.note(late)
    assert [lagging.take(), lagging.take()] == [9, 0]


def test_the_heart_notes_how_late_it_beats(monkeypatch):
    loop, lagging = FakeLoop(monkeypatch, lag), Lag()
    heart = lag.Heartbeat(loop, lagging)
    assert loop.due() == [100_000]
    loop.fire(270_000)
    assert loop.due() == [300_000]
    loop.fire(300_010)
    assert lagging.take() == 170_000
    heart.stop()
    assert loop.due() == []


def test_boards_time_is_scaled_from_t0_on(monkeypatch):
    boards = clock.BoardsClock(t0_us=5_000_000, epoch_s=1_700_000_000, time_scale=60)
    monkeypatch.setattr(clock, "now_us", lambda: 7_500_000)
    assert boards.time_s() == 1_700_000_150


class TestJob:
    @pytest.fixture(autouse=True)
    def set_up(self, monkeypatch):
        self.loop = FakeLoop(monkeypatch, job)
        self.lag = Lag()
        self.slots = []
        self.ends = []
        self.errors = []

    def job(self, slots):
        async def run_slot(*about):
            self.slots.append(about)

        ended = lambda ran, missed: self.ends.append((ran, missed))  # noqa: E731
        schedule = Schedule(0, 100, slots)
        made = job.Job(self.loop, schedule, self.lag, run_slot, ended, self.errors.append)
        made.arm()
        return made

    def test_a_slot_that_takes_long_makes_the_next_ones_missed(self):
        self.job(slots=10)
        assert self.loop.due() == [100]
        self.loop.fire(107)
        assert self.loop.due() == [], "slots never overlap"
        self.loop.finish(350)
        assert self.loop.due() == [400]
        self.loop.fire(400)
        self.loop.finish(401)
        assert self.slots == [(0, 107, 7, 0), (3, 400, 0, 2)]
        assert self.loop.due() == [500]
        assert self.lag.take() == 7

    def test_a_timer_ahead_of_its_time_is_not_early(self):
        self.job(slots=2)
        self.loop.fire(99)
        self.loop.finish(100)
        assert self.slots == [(0, 100, 0, 0)]
        assert self.loop.due() == [200]

    def test_slots_missed_at_the_end_are_counted(self):
        self.job(slots=5)
        self.loop.fire(100)
        self.loop.finish(250)
        self.loop.fire(300)
        self.loop.finish(900)
        assert self.loop.due() == []
        assert self.ends == [(2, 3)]

    def test_a_pause_cancels_the_timer(self):
        paused = self.job(slots=5)
        with pytest.raises(StopIteration):
            paused.pause().send(None)
        assert self.loop.due() == [] and self.ends == []

    def test_what_a_slot_raises_is_handed_on_and_ends_the_job(self):
        async def run_slot(*_):
            raise BrokenPipeError

        job.Job(self.loop, Schedule(0, 100, 5), self.lag, run_slot, None, self.errors.append).arm()
        self.loop.fire(100)
        self.loop.finish(110)
        assert [type(error) for error in self.errors] == [BrokenPipeError]
        assert self.loop.due() == []


class OneStepCell:
    """A cell whose step does what the test says."""

    def __init__(self, executors, carry_out):
        self.executor = lambda name: executors.of(True)
        self.carry_out = carry_out


class TestStepRunner:
    def outcome(self, carry_out):
        executors = FreeExecutors(1, dedicated=True, on_loop=False)
        runner = StepRunner(OneStepCell(executors, carry_out))
        outcome = asyncio.run(runner.run("dispatch", lambda: {"step": "dispatch"}))
        executors.join()
        assert (runner.begun, runner.in_flight) == (1, 0)
        return outcome

    def test_a_step_is_carried_out_on_its_thread(self):
        outcome = self.outcome(lambda step: {"ok": True, **step})
        assert outcome.content == {"ok": True, "step": "dispatch"}
        assert outcome.thread == "kanban-dispatcher"

    def test_a_step_that_fails_as_a_whole_is_told_from_its_thread(self):
        def fail(step):
            raise ZeroDivisionError(step["step"])

        outcome = self.outcome(fail)
        assert outcome.content["error"]["app"] == "ZeroDivisionError" and not outcome.content["ok"]
        assert outcome.thread == "kanban-dispatcher"


class TestExecutors:
    def test_the_dedicated_thread_is_one_and_has_its_name(self):
        executors = FreeExecutors(4, dedicated=True, on_loop=False)
        name = lambda: threading.current_thread().name  # noqa: E731
        assert {executors.run(True, 0, name) for _ in range(3)} == {"kanban-dispatcher"}
        assert executors.run(False, 0, name) == "pool-0"
        executors.join()

    def test_on_the_loop_everything_runs_where_it_is_handed_over(self):
        executors = FreeExecutors(4, dedicated=True, on_loop=True)

        async def ask(in_scope):
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(executors.of(in_scope), threading.get_ident)

        assert asyncio.run(ask(True)) == asyncio.run(ask(False)) == threading.get_ident()
        with pytest.raises(ZeroDivisionError):
            executors.run(True, 0, lambda: 1 // 0)
        executors.join()
