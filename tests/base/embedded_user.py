"""A process that uses the embedded database of the folder given, until its standard input ends."""

import sys
import threading
from pathlib import Path

from balcao.base.embedded import EmbeddedPostgres

CARELESS = {"fsync": "off", "shared_buffers": "16MB"}


def main() -> None:
    embedded = EmbeddedPostgres(Path(sys.argv[1]), settings=CARELESS)
    print(embedded.start(), flush=True)  # noqa: T201
    if "watch" in sys.argv:
        threading.Thread(target=embedded.watch, args=[threading.Event()], daemon=True).start()
    sys.stdin.read()
    embedded.stop()


if __name__ == "__main__":
    main()
