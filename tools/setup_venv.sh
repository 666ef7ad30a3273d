# Sourced by tools/demo and tools/test: makes .venv beside the sources (also where the system Python is
# externally managed) and installs this checkout into it with the extras in $EXTRAS, such as "[test]".
set -eu
cd "$(dirname "$0")/.."
PYTHON=${PYTHON:-python3}
if [ ! -x .venv/bin/python ]; then
  "$PYTHON" -m venv .venv || {
    rm -rf .venv
    echo "cannot make a virtual environment with $PYTHON; on Debian: apt install python3-venv python3-dev g++" >&2
    exit 2
  }
fi
# Reinstalled only when a source changed, came or went, so that a second run starts at once.
sources() {
  find cpp backends metal python pyproject.toml CMakeLists.txt ! -path '*/__pycache__/*' -type f "$@" -print | LC_ALL=C sort
}
# install_here REQUIREMENT [VARIABLE=VALUE ...]; pip says what the compiler does only with -v.
install_here() {
  requirement=$1
  shift
  .venv/bin/python tools/progress.py openswirl env "$@" \
    .venv/bin/python -m pip install -v --disable-pip-version-check "$requirement"
}
stamp=".venv/.installed-${EXTRAS:-}"
if [ ! -e "$stamp" ] || [ "$(cat "$stamp")" != "$(sources)" ] || [ -n "$(sources -newer "$stamp")" ]; then
  echo "installing openswirl into $(pwd)/.venv (compiles the core: 2 to 4 minutes on two free cores)" >&2
  # Written before the install, so that what changes meanwhile is newer; in place only after it.
  sources > "$stamp.new"
  if [ -n "${EXTRAS:-}" ]; then
    # The C++ tests are built on top of what the install compiles: in one folder, by one ninja, whose log says what is up to date.
    .venv/bin/python -m pip install --quiet --disable-pip-version-check "cmake>=3.25" "ninja>=1.11"
    install_here ".$EXTRAS" PATH="$PWD/.venv/bin:$PATH" SKBUILD_BUILD_DIR=build-tests
  else
    install_here .
  fi
  mv "$stamp.new" "$stamp"
fi
