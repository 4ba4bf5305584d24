"""`balcao serve` with the stand-in: `serve_stand_in.py HOME [worker] [workers=N] [app=NAME] [work=NAME] [port=N]`."""

import sys
from pathlib import Path

from balcao.base.errors import BalcaoError
from balcao.base.settings import read_settings
from balcao.supervise.serve import serve


def main() -> None:
    words = dict(word.partition("=")[::2] for word in sys.argv[2:])
    settings = read_settings(home=Path(sys.argv[1]), port=words.get("port", 0), workers=words.get("workers"))
    try:
        serve(
            settings,
            with_worker="worker" in words,
            app=f"tests.base.stand_in:{words.get('app', 'create_app')}",
            work=f"tests.base.stand_in:{words.get('work', 'work')}",
        )
    except BalcaoError as error:
        sys.exit(error.detail)


if __name__ == "__main__":
    main()
