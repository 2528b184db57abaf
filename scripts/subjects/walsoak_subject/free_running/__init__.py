"""A cell on its own clock: its event loop, schedules, and the threads that it hands steps to."""
