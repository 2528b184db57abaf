"""The one kind of error that a picture's user meets."""


class RunError(Exception):
    """What a user must be told in one line; `exit_code` as in the table of exit codes."""

    def __init__(self, message, exit_code):
        super().__init__(message)
        self.exit_code = exit_code
