"""A job: the same slot again and again on a fixed schedule, never two at a time."""

from .clock import now_us


class Job:
    """Lives on the loop. `run_slot(slot, began_us, late_us, missed)` is awaited for each slot that is run,
    `ended(ran, missed)` is called when the slots are used up, `failed(error)` where one of these raised."""

    def __init__(self, loop, schedule, lag, run_slot, ended, failed):
        self._loop = loop
        self._schedule = schedule
        self._lag = lag
        self._run_slot = run_slot
        self._ended = ended
        self._failed = failed
        self._last = -1
        self._ran = 0
        self._missed = 0
        self._timer = None
        self._running = None
        self._paused = False

    def arm(self):
        """Sets the timer of the next slot that is still to come; those that are not are missed."""
        slot = self._schedule.after(self._last, now_us())
        if slot is None:
            self._ended(self._ran, self._missed + self._schedule.skipped(self._last, None))
        elif not self._paused:
            self._timer = self._loop.call_at(self._schedule.due_us(slot) / 1e6, self._fire, slot)

    async def pause(self):
        """Begins no further slot, and waits for the one that is running."""
        self._paused = True
        if self._timer is not None:
            self._timer.cancel()
        if self._running is not None:
            await self._running

    def _fire(self, slot):
        due_us = self._schedule.due_us(slot)
        # A timer may fire within its clock's resolution ahead of its time.
        began_us = max(now_us(), due_us)
        self._timer = None
        self._lag.note(began_us - due_us)
        self._running = self._loop.create_task(self._run(slot, began_us, began_us - due_us))

    async def _run(self, slot, began_us, late_us):
        missed = self._schedule.skipped(self._last, slot)
        self._last = slot
        self._ran += 1
        self._missed += missed
        try:
            await self._run_slot(slot, began_us, late_us, missed)
            self._running = None
            self.arm()
        except Exception as error:  # a fault of this program, or the observer is gone
            self._failed(error)
