"""The strategies, a file each in this folder that says `STRATEGY = <class>`: all that a new one needs."""

import importlib
import pkgutil


def load():
    """The classes by name. A name that comes twice is an error."""
    found = {}
    for entry in pkgutil.iter_modules(__path__):
        strategy = getattr(importlib.import_module(f"{__name__}.{entry.name}"), "STRATEGY", None)
        if strategy is None:
            continue
        if strategy.name in found:
            raise RuntimeError(f"two strategies are named {strategy.name!r}")
        found[strategy.name] = strategy
    return found
