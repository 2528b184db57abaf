"""noop: opens nothing. The negative control: whatever is found here is not the dispatcher's doing."""

from .strategy import Strategy


class Noop(Strategy):
    name = "noop"
    summary = "opens nothing: the negative control"
    looks = False


STRATEGY = Noop
