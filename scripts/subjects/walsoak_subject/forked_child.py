"""A child that the subject forks in the middle of its life: it inherits open connections, but not the locks behind them."""

import os
import select
import signal

from .errors import ApplicationError

# A lock that another thread had at the fork is never free in the child.
_PATIENCE = 30


class ForkedChild:
    """Acts on order, and ends then or with its parent. One thread at a time."""

    def __init__(self, act):
        orders, self._orders = os.pipe()
        self._answers, answers = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            os.close(self._orders)  # else the end of the parent would never be read
            _be_the_child(orders, answers, act)
        os.close(orders)
        os.close(answers)

    def act_and_end(self):
        """Raises ApplicationError where the child could not act, died or hung."""
        os.write(self._orders, b"a")
        said = b""
        while select.select([self._answers], [], [], _PATIENCE)[0]:
            part = os.read(self._answers, 512)
            if not part:
                break
            said += part
        os.kill(self._pid, signal.SIGKILL)  # it has ended or hangs
        self.end()
        if said != b"done":
            raise ApplicationError("child", said.decode() or "it died or hung before it was done", "forked child")

    def end(self):
        os.close(self._orders)
        os.close(self._answers)
        os.waitpid(self._pid, 0)


def _be_the_child(orders, answers, act):
    # Nothing may return from here: the interpreter of the parent goes on in this process else.
    try:
        if os.read(orders, 1) == b"a":
            act()
            os.write(answers, b"done")
    except BaseException as error:
        os.write(answers, str(error).encode() or b"an error without a text")
    finally:
        os._exit(0)
