"""Quicker starts for processes that serve: `lighten` before their imports, `settle` once they have everything."""

import gc
import sys

SELDOM = 10_000, 20, 25
"""Garbage in circles is rare here, and each look for it a pause for everybody who waits: with Python's own 700, 10, 10
all that lives of the requests under way was gone through every few answers.
"""


def lighten() -> None:
    """Import less, and nothing twice over: a fifth of a server's imports, measured.

    structlog loads `rich` where it is installed, for tracebacks that we never print; and hardly anything that an import
    makes is garbage to be looked for.
    """
    gc.disable()
    if "rich" not in sys.modules:
        sys.modules["rich"] = None  # type: ignore[assignment]  # Python's own way to say: not to be had
        import structlog  # noqa: F401

        del sys.modules["rich"]


def settle() -> None:
    """Look for garbage again, seldom, and never among what is here now: modules and routes stay to the end."""
    gc.freeze()
    gc.set_threshold(*SELDOM)
    gc.enable()
