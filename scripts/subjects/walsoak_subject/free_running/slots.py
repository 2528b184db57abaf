"""One slot of a job: its steps one after another, and the tick message that tells of them."""

from ..protocol import message


class Slots:
    """The slots of one job; `job` is its entry in the `run` message. Lives on the loop."""

    def __init__(self, job, clock, cell, runner, lag, send):
        self._job = job
        self._clock = clock
        self._cell = cell
        self._runner = runner
        self._lag = lag
        self._send = send

    async def run(self, slot, began_us, late_us, missed):
        steps, spawned, ended = [], [], []
        for name in self._steps_of(slot):
            outcome = await self._runner.run(name, lambda name=name: self._complete(name, slot, ended))
            spawned += outcome.content.get("spawned", [])
            steps.append(_told(name, outcome))
        self._send(
            message(
                "tick",
                job=self._job["job"],
                slot=slot,
                t_us=began_us - self._clock.t0_us,
                late_us=late_us,
                missed=missed,
                lag_us=self._lag.take(),
                ok=all(step["ok"] for step in steps),
                steps=steps,
                spawned=spawned,
                ended=ended,
            )
        )

    def end(self, ran, missed):
        self._send(message("event", event="job-ended", job=self._job["job"], ran=ran, missed=missed))

    def _steps_of(self, slot):
        every = self._job.get("collect_every")
        return self._job["steps"] + (["collect"] if every and (slot + 1) % every == 0 else [])

    def _complete(self, name, slot, ended):
        # On the step's own thread: what a pass finds alive is what was alive when it began.
        if name == "dispatch":
            ended += self._cell.reap_ended()
        return {"step": name, "slot": slot, "time_s": self._clock.time_s()}


def _told(name, outcome):
    content = outcome.content
    told = {
        "step": name,
        "ok": content["ok"],
        "latency_us": outcome.latency_us,
        "wait_us": outcome.wait_us,
        "thread": outcome.thread,
    }
    if "error" in content:
        told["error"] = content["error"]
    boards = [entry for entry in content.get("boards", []) if not entry["ok"] or "looked" in entry]
    return {**told, "boards": boards} if boards else told
