"""The one exception that commands turn into a single line and exit code 2."""


class CourseError(Exception):
    """Something that a user gave cannot be used.

    The message is one line that says what was found, what was expected and where. The command line prints it
    as it is; no traceback follows.
    """
