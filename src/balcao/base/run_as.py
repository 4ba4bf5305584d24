"""Run a program as another account: `python run_as.py UID GID PROGRAM ARGUMENT…`, started by root only.

PostgreSQL refuses to run as root, so root hands it to an account without rights. That account may not be allowed to
enter the folders above the program or the data (`/root`, a private temporary folder). Rather than open those folders
to everyone, the process keeps one capability: to pass and read folders. This file stands alone, needs no other module
of ours, and becomes the program itself: same process, no shell.
"""

import ctypes
import os
import sys
from pathlib import Path

CAP_DAC_OVERRIDE = 1
CAP_DAC_READ_SEARCH = 2
PR_SET_SECUREBITS = 28
SECBIT_NO_SETUID_FIXUP = 1 << 2
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2
CAPABILITY_VERSION_3 = 0x20080522


def run_as(uid: int, gid: int, command: list[str]) -> None:
    """Become `command` under that account; never returns. Raises OSError when the system refuses."""
    capability = _best_capability()
    libc = ctypes.CDLL(None, use_errno=True)
    if capability:
        # Without the fix-up, changing the account keeps the capabilities, and access(2) takes them into
        # account.
        _check(libc.prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP, 0, 0, 0))
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)
    if capability:
        _keep_only(libc, capability)
    os.execv(command[0], command)  # noqa: S606 (no shell is the point)


def _best_capability() -> int:
    """The smaller of the two that pass closed folders, 0 when there is neither (a container may drop both)."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0
    line = next(line for line in status.read_text().splitlines() if line.startswith("CapEff:"))
    held = int(line.split()[1], 16)
    wanted = (CAP_DAC_READ_SEARCH, CAP_DAC_OVERRIDE)
    setpcap = 8
    return next((cap for cap in wanted if held >> cap & 1 and held >> setpcap & 1), 0)


def _keep_only(libc: ctypes.CDLL, capability: int) -> None:
    bits = 1 << capability
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    sets = (ctypes.c_uint32 * 6)(bits, bits, bits, 0, 0, 0)  # effective, permitted, inheritable; then the high words
    _check(libc.capset(header, sets))
    _check(libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0))


def _check(result: int) -> None:
    if result != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


if __name__ == "__main__":
    try:
        run_as(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
    except OSError as error:
        sys.exit(f"error: could not run as user {sys.argv[1]}: {error}")
