"""Installs what a lock pins, and nothing else: python requirements/install.py requirements/lab.txt --editable .

It installs into the environment of the Python that runs it. A lock is complete, so nothing is resolved: no index is asked which version
is the newest. uv installs it in a fraction of pip's time, and looks where pip is configured to look. Where it fails, pip installs the
same: either checks each file against its hash.
"""

from __future__ import annotations

import argparse
import ast
import os
import subprocess
import sys
from pathlib import Path

UV_LOCK = Path(__file__).resolve().parent / "uv.txt"
PIP = [sys.executable, "-m", "pip"]
# how pip is told where to look → how uv is told the same, and what stands between several
SAME = {
    "index-url": ("UV_DEFAULT_INDEX", " "),
    "extra-index-url": ("UV_INDEX", " "),
    "find-links": ("UV_FIND_LINKS", ","),
    "no-index": ("UV_NO_INDEX", " "),
    "trusted-host": ("UV_INSECURE_HOST", " "),
    "proxy": ("ALL_PROXY", " "),
    "cert": ("SSL_CERT_FILE", " "),
    "client-cert": ("SSL_CLIENT_CERT", " "),
}


def where_pip_looks() -> dict[str, str]:
    """pip's configuration (its files, then the environment) as uv's environment."""
    listed = subprocess.run([*PIP, "config", "list"], capture_output=True, text=True, check=False).stdout
    found: dict[str, dict[str, str]] = {"global": {}, "install": {}, ":env:": {}}
    for line in listed.splitlines():
        place, _, value = line.partition("=")
        section, _, key = place.rpartition(".")
        if section in found and key in SAME:
            variable, between = SAME[key]
            found[section][variable] = between.join(ast.literal_eval(value).split())
    return {name: value for section in found.values() for name, value in section.items()}


def uv() -> tuple[list[str], dict[str, str]] | None:
    """The command `uv pip install` and its environment; None where there is no uv for this machine."""
    command = [*PIP, "install", "--quiet", "--disable-pip-version-check", "--only-binary=:all:", "--no-deps", "-r", str(UV_LOCK)]
    got = subprocess.run(command, capture_output=True, text=True, check=False)
    if got.returncode:
        print(f"No uv for this machine: {' '.join(got.stderr.split())[:200]} Now pip does it all, which takes longer.", file=sys.stderr)
        return None
    program = Path(sys.executable).with_name("uv.exe" if os.name == "nt" else "uv")
    # as pip does, it takes a version from whichever index has it; and it trusts whom this machine trusts
    environment = {"UV_INDEX_STRATEGY": "unsafe-best-match", **where_pip_looks(), **os.environ}
    # the versions of a lock are chosen: what pyproject.toml holds back when one is made is not asked again, and uv would refuse it beside hashes
    return [str(program), "pip", "install", "--no-config", "--quiet", "--system-certs", f"--python={sys.executable}"], environment


def install(what: list[str], fast: tuple[list[str], dict[str, str]] | None) -> None:
    """By uv, else by pip; ends the program where neither can."""
    if fast is not None:
        try:
            done = subprocess.run([*fast[0], *what], env=fast[1], capture_output=True, text=True, check=False)
            if done.returncode == 0:
                return
            said = " ".join(done.stderr.split())
        except OSError as error:
            said = str(error)
        print(f"uv could not: {said[:200]} Now pip tries, which takes longer.", file=sys.stderr)
    done = subprocess.run([*PIP, "install", "--quiet", "--disable-pip-version-check", *what], check=False)
    if done.returncode:
        sys.exit(f"pip could not install {' '.join(what)}; it says why above. Nothing is lost: the same command goes on from here.")


def main() -> None:
    """Install, then look whether it all fits together."""
    parser = argparse.ArgumentParser(description="Installs what a lock pins, and nothing else.")
    parser.add_argument("lock", help="a file of pinned versions with hashes, such as requirements/lab.txt")
    parser.add_argument("--editable", metavar="DIR", help="then this project, in place")
    parser.add_argument("--then", metavar="PIN", help="then this, from wherever this machine gets it, with what it needs besides")
    arguments = parser.parse_args()
    fast = uv()
    install(["--no-deps", "--require-hashes", "-r", arguments.lock], fast)
    if arguments.then:
        install([arguments.then], None)
    if arguments.editable:
        install(["--no-deps", "--no-build-isolation", "--editable", arguments.editable], fast)
    checked = subprocess.run([*PIP, "check", "--disable-pip-version-check"], stdout=subprocess.PIPE, text=True, check=False)
    if checked.returncode:
        found = "; ".join(checked.stdout.splitlines())
        again = f"Delete it and run the same command again; if it says so again, {arguments.lock} is wrong."
        sys.exit(f"{sys.prefix} does not fit together: {found}. {again}")


if __name__ == "__main__":
    main()
