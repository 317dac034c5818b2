"""What stops the start: told in one line on the terminal, never as a traceback."""


class StartError(Exception):
    """The house cannot open as it is configured; the message is one line that says what to do about it."""


class SettingsError(StartError):
    """A setting is missing or wrong; the message names the variable and shows an example, never the value."""

    def __init__(self, variable: str, why: str, example: str) -> None:
        super().__init__(f"{variable}: {why}. Example: {variable}={example}")
        self.variable = variable


class SchemaNotCurrent(StartError):
    """The database does not have the schema this program needs, and the login may not change it."""
