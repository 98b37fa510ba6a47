#!/usr/bin/env bash
# Gradescope runs this once, when it builds the autograder's image.
set -euo pipefail
root="${BPKIT_AUTOGRADER_ROOT:-/autograder}"

apt-get update -q
apt-get install -y -q --no-install-recommends bubblewrap python3 python3-venv
python=python3
if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
  # Ubuntu 22.04 calls the first Python that is new enough by its number
  apt-get install -y -q --no-install-recommends python3.11 python3.11-venv
  python=python3.11
fi
"$python" -m venv "$root/venv"
wheel=("$root"/source/bpkit_course-*.whl)
# the wheel says itself with which versions it was tested; no others are looked for
pip() { "$root/venv/bin/python" -m pip "$@"; }
pip install --no-cache-dir --no-deps "${wheel[0]}"
pip install --no-cache-dir --no-deps -r "$("$root/venv/bin/bpkit" pins grade)"
pip check || { echo "$root/venv does not fit together, see above: pack the zip anew with the newest bpkit" >&2; exit 1; }
