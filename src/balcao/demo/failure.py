"""What ends the demo before its end."""


class StepFailed(Exception):
    """A step did not do what it should; the message says which, and what came instead."""


def need(condition: object, message: str) -> None:
    """Raise StepFailed with the message unless the condition holds."""
    if not condition:
        raise StepFailed(message)
