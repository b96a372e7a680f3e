"""What can be foreseen to go wrong: each message is one line that names the thing and says the next step."""


class OperationError(Exception):
    """The operation was stopped, or could not be finished."""

    exit_code = 1


class OptionError(OperationError):
    """What was typed cannot be done."""

    exit_code = 2


class AccountError(OperationError):
    """The AWS account cannot be used as it is given."""

    exit_code = 2


class StillRunningError(OperationError):
    """Ctrl-C ended the waiting, not what was waited for."""

    exit_code = 130
