"""What a bench is measured on: a figure without it says nothing."""

import os
import platform
import subprocess
from pathlib import Path

import psutil

import balcao
from balcao.base.db import Tx
from balcao.bench.options import Options
from balcao.bench.stage import Stage

SETTINGS = ("fsync", "synchronous_commit", "full_page_writes", "wal_sync_method", "shared_buffers", "max_wal_size")


async def environment(stage: Stage, options: Options) -> dict[str, str]:
    """The machine, the programs and their settings, in words."""
    async with stage.db.read() as tx:
        database = await _database(tx)
    cores, memory = psutil.cpu_count() or 1, psutil.virtual_memory().total / 2**30
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    return {
        "machine": f"{_processor()}, {cores} cores, {memory:.0f} GB, {platform.system()} {platform.release()}",
        "programs": f"Balcão {balcao.__version__} ({_commit()}), Python {platform.python_version()}, {database}",
        "data": f"{_file_system(stage.home)}, {'embedded' if options.database_url is None else 'given'} database",
        "set-up": (
            f"{options.servers} server process(es) and {options.generators} load generator process(es) on the machine, "
            f"TCP 127.0.0.1, keep-alive; {options.skus:,} SKUs, {options.orders:,} orders before; "
            f"{options.runs} runs of {options.seconds:g} s after {options.warm_up_s:g} s of warm-up, medians"
        ),
        "load average before": load,
    }


async def _database(tx: Tx) -> str:
    shown = {row["name"]: row["setting"] for row in await tx.fetch("SHOW ALL")}
    settings = ", ".join(f"{name}={shown[name]}" for name in SETTINGS)
    return f"PostgreSQL {shown['server_version']} ({settings})"


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text(encoding="utf-8", errors="replace").splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()


def _commit() -> str:
    here = Path(__file__).parent
    try:
        done = subprocess.run(
            ["git", "describe", "--always", "--dirty"],  # noqa: S607 (whichever git there is)
            cwd=here,
            capture_output=True,
            text=True,
            check=False,
            timeout=10,
        )
    except OSError:
        return "no commit known"
    return f"commit {done.stdout.strip()}" if done.returncode == 0 else "no commit known"


def _file_system(folder: Path) -> str:
    parts = [each for each in psutil.disk_partitions(all=True) if folder.is_relative_to(each.mountpoint)]
    best = max(parts, key=lambda each: len(each.mountpoint), default=None)
    return f"{best.fstype} on {best.device}" if best is not None else "unknown file system"
