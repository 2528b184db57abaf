"""A cell on its own clock: the event loop of the gateway, its schedules, and the threads that it hands steps to."""
