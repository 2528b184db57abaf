"""The conversation of a free-running cell, spoken by the event loop: `run`, `pause`, steps and `stop`."""

import asyncio
import sys

from .. import answers
from ..errors import ApplicationError
from ..protocol import message
from .clock import BoardsClock
from .job import Job
from .lag import Heartbeat, Lag
from .schedule import Schedule
from .slots import Slots
from .step_runner import StepRunner


def hold_on_loop(channel, cell):
    """Speaks until `stop`: 0, or None where the observer's end of the stream was closed before."""
    return asyncio.run(_Conversation(channel, cell).hold())


class _Conversation:
    """Everything here happens on the loop; steps alone leave it. Errors that end the conversation come to
    hold() through the queue of messages."""

    def __init__(self, channel, cell):
        self._channel = channel
        self._cell = cell
        self._runner = StepRunner(cell)
        self._lag = Lag()
        self._jobs = []
        self._heartbeat = None

    async def hold(self):
        self._loop = asyncio.get_running_loop()
        self._received = asyncio.Queue()
        for received in self._channel.waiting():
            self._take(received)
        self._loop.add_reader(self._channel.fileno(), self._read)
        answers_to = {"run": self._run, "pause": self._pause, "step": self._step}
        while True:
            received = await self._received.get()
            if received is None:
                return None
            if isinstance(received, Exception):
                raise received
            kind = received["type"]
            if kind in answers_to:
                await self._answer(received, answers_to[kind])
            elif kind == "stop":
                await self._quieten()
                self._channel.send(message("bye", api=self._cell.end(), vfs=None))
                return 0
            else:
                print(f"python subject: no answer to a message of type {kind!r}", file=sys.stderr)

    def _read(self):
        try:
            for received in self._channel.arrived():
                self._take(received)
                if received is None:
                    self._loop.remove_reader(self._channel.fileno())
        except Exception as error:  # a foreign version, say
            self._loop.remove_reader(self._channel.fileno())
            self._received.put_nowait(error)

    def _take(self, received):
        step = received["step"] if received is not None and received["type"] == "step" else None
        if step == "ledger":
            self._report_ledger(received)  # at once, whatever else is being waited for
        elif step == "fault":
            self._suffer(received)  # likewise
        else:
            self._received.put_nowait(received)

    def _report_ledger(self, received):
        begun_ns = answers.now_ns()
        # The counts are read on the loop, so nothing can begin or end between them.
        counts = {"in_flight": self._runner.in_flight, "begun": self._runner.begun}
        content = {**self._cell.carry_out(received), **counts}
        self._channel.send(answers.done(received, begun_ns, content))

    def _suffer(self, received):
        begun_ns = answers.now_ns()
        try:
            content = self._cell.carry_out(received)
        except Exception as error:  # a message that lacks something: the conversation goes on
            content = answers.failed(error, "fault")
        self._channel.send(answers.done(received, begun_ns, content))

    async def _answer(self, received, act):
        begun_ns = answers.now_ns()
        try:
            content, then = await act(received)
        except ApplicationError as error:
            content, then = answers.failed(error, received["type"]), None
        self._channel.send(answers.done(received, begun_ns, content))
        if then is not None:
            then()

    async def _run(self, received):
        if self._jobs:
            raise ApplicationError("running", "a run in a cell whose clock runs", "run")
        for entry in received["jobs"]:
            for name in entry["steps"]:
                if self._cell.executor(name) is None:
                    raise ApplicationError("unknown step", f"step {name!r} is none for a job", "run")
        return {"ok": True}, lambda: self._start(received)

    def _start(self, received):
        clock = BoardsClock(received["t0_us"], received["epoch_s"], received["time_scale"])
        self._heartbeat = Heartbeat(self._loop, self._lag)
        for entry in received["jobs"]:
            schedule = Schedule(clock.t0_us, entry["interval_us"], entry["slots"])
            slots = Slots(entry, clock, self._cell, self._runner, self._lag, self._channel.send)
            job = Job(self._loop, schedule, self._lag, slots.run, slots.end, self._received.put_nowait)
            self._jobs.append(job)
            job.arm()

    async def _pause(self, _):
        await self._quieten()
        return {"ok": True}, None

    async def _step(self, received):
        if self._jobs:
            text = "a step while the clock runs; ledger and fault alone may come then"
            raise ApplicationError("running", text, received["step"])
        outcome = await self._runner.run(received["step"], lambda: received)
        return outcome.content, None

    async def _quieten(self):
        """Finishes the slots that are running, begins no others, and stops the clock."""
        await asyncio.gather(*[job.pause() for job in self._jobs])
        self._jobs.clear()
        if self._heartbeat is not None:
            self._heartbeat.stop()
            self._heartbeat = None
