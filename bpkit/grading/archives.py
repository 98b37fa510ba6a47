"""Unpacks zip files of hand-ins: bounded in size, files, depth and ratio, and nothing of them lands outside its folder."""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import stat
import tempfile
import time
import zipfile
from functools import cache
from pathlib import Path, PurePosixPath

MAX_BYTES, MAX_FILES, MAX_DEPTH, MAX_RATIO = 2_000_000_000, 50_000, 12, 200
_FREE = 10_000_000  # what unpacks to less may be packed as tightly as it likes


class BadArchive(Exception):
    """Why a zip file is not unpacked, in words: what was found and what was expected."""


@cache
def unpacked(archive: Path) -> Path:
    """The folder in which a zip file's content lies until this process ends.

    Raises
    ------
    BadArchive
        If it is none, is damaged or encrypted, or exceeds a bound. Then nothing of it is kept.
    """
    folder = Path(tempfile.mkdtemp(prefix="unpacked-", dir=_workshop())) / archive.stem
    try:
        with zipfile.ZipFile(archive) as packed:
            _unpack(packed, folder)
    except BadArchive:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    except (OSError, EOFError, ValueError, NotImplementedError, RuntimeError, zipfile.BadZipFile, zipfile.LargeZipFile) as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise BadArchive("is no zip archive that can be read; please unpack it and hand in its files") from error
    return folder


def _unpack(packed: zipfile.ZipFile, folder: Path) -> None:
    members = [member for member in packed.infolist() if not member.is_dir()]
    size = sum(member.file_size for member in members)
    if len(members) > MAX_FILES:
        raise BadArchive(f"holds {len(members)} files, expected at most {MAX_FILES}")
    if size > MAX_BYTES:
        raise BadArchive(f"unpacks to {size / 1e6:.0f} MB, expected at most {MAX_BYTES / 1e6:.0f} MB")
    if size > max(_FREE, MAX_RATIO * sum(member.compress_size for member in members)):
        raise BadArchive(f"unpacks to more than {MAX_RATIO} times its size")
    folder.mkdir(parents=True)
    for member in members:
        place = PurePosixPath(member.filename.replace("\\", "/"))
        if not place.parts:
            continue
        if place.is_absolute() or ".." in place.parts or place.parts[0][1:2] == ":":
            raise BadArchive("names a file outside its own folder")
        if len(place.parts) > MAX_DEPTH:
            raise BadArchive(f"nests folders more than {MAX_DEPTH} deep")
        if stat.S_ISLNK(member.external_attr >> 16):
            continue  # links are not followed
        target = folder.joinpath(*place.parts)
        target.parent.mkdir(parents=True, exist_ok=True)
        _copy(packed, member, target)


def _copy(packed: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path) -> None:
    """One file; `zipfile` reads no more bytes of it than the archive's list promises."""
    with packed.open(member) as source, open(target, "wb") as file:
        shutil.copyfileobj(source, file)
    with contextlib.suppress(ValueError, OverflowError):  # a date that no calendar has
        when = time.mktime((*member.date_time, 0, 0, -1))
        os.utime(target, (when, when))  # the newest of several notebooks counts


@cache
def _workshop() -> str:
    folder = tempfile.mkdtemp(prefix="bpkit-zip-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
