#!/bin/sh
# Makes .venv and keeps it up to date. `setup.sh run`: what Balcão needs to run; `setup.sh dev`: to be worked on, too;
# `setup.sh pins`: rewrites constraints.txt with the newest versions, found in an environment made for it alone;
# `setup.sh python`: prints which Python it would take.
set -eu
cd "$(dirname "$0")/.."
export PIP_DISABLE_PIP_VERSION_CHECK=1

# Python 3.11 or newer that can make an environment with pip (Debian's comes without until python3-venv is installed):
# the first that was built with its optimizations, as distributions do, else the first. One built without, as pyenv does
# unless told otherwise, takes a fifth more of the processor for everything.
OPTIMIZED='import sys, sysconfig
sys.exit(sys.base_prefix != "/usr" and "--enable-optimizations" not in (sysconfig.get_config_var("CONFIG_ARGS") or ""))'

find_python() {
    version_only=
    slower=
    for python in ${PYTHON:-python3 python3.13 python3.12 python3.11 python3.14 python /usr/bin/python3}; do
        "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue
        version_only=$python
        "$python" -c 'import ensurepip, venv' 2>/dev/null || continue
        "$python" -c "$OPTIMIZED" && return
        slower=${slower:-$python}
    done
    if [ -n "$slower" ]; then
        python=$slower
        return
    fi
    if [ -n "$version_only" ]; then
        echo "error: $version_only cannot make environments: install its venv package (Debian, Ubuntu: apt-get install python3-venv)." >&2
    else
        echo "error: Balcão needs Python 3.11 or newer, and found none. Install it, or name it: make setup PYTHON=/path/to/python3" >&2
    fi
    exit 1
}

make_environment() {
    find_python
    "$python" -m venv --clear "$1"
}

# The build's own tools come from the pins too, so that nothing is ever resolved anew. Of all modules only those are
# compiled that Balcão imports: most never are, and compiling them all takes longer than everything else here.
install() {
    "$1/bin/python" -m pip install -qq --no-compile -c constraints.txt hatchling editables
    "$1/bin/python" -m pip install -qq --no-compile --no-build-isolation -c constraints.txt -e "$2"
}

fetch_console_assets() {
    .venv/bin/python tools/console_assets.py
}

compile_imported() {
    env -u PYTHONDONTWRITEBYTECODE .venv/bin/python tools/compile_imported.py
}

case "${1:-run}" in
run | dev)
    if ! .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        make_environment .venv
    fi
    echo "Installing into .venv (about a minute the first time) …" >&2
    if [ "$1" = dev ]; then
        install .venv '.[dev]'
        touch .venv/.dev
    else
        install .venv .
    fi
    fetch_console_assets
    compile_imported
    touch .venv/.run
    ;;
pins)
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
    make_environment "$folder"
    "$folder/bin/python" -m pip install -qq hatchling editables
    "$folder/bin/python" -m pip install -qq --no-build-isolation -e '.[dev]'
    {
        echo "# Every package of the environment, newest when this was made: \`make pins\` makes it anew."
        "$folder/bin/python" -m pip freeze --all --exclude balcao --exclude pip --exclude setuptools | LC_ALL=C sort -f -t= -k1,1
    } >"$folder/constraints.txt"
    cp "$folder/constraints.txt" constraints.txt
    ;;
python)
    find_python
    echo "$python"
    ;;
*)
    echo "usage: tools/setup.sh run | dev | pins | python" >&2
    exit 2
    ;;
esac
