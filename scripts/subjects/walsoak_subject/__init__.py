"""The parts of the Python subject. A package, so that a user's own module may have siblings of any name."""
