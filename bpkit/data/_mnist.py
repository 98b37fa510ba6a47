"""MNIST, fetched once where there is a network, checked, and kept."""

from __future__ import annotations

import gzip
import hashlib
import math
import os
import struct
import tempfile
from pathlib import Path

import numpy as np

from bpkit.core.functions import Array
from bpkit.data._digits import Examples, Split

_HOME = "https://ossci-datasets.s3.amazonaws.com/mnist/"
# file → MD5 of the compressed file, as published with the set
_FILES = {
    "train-images-idx3-ubyte.gz": "f68b3c2dcbeaaa9fbdd348bbdeb94873",
    "train-labels-idx1-ubyte.gz": "d53e105ee54ea40749a09fcbcd1e9432",
    "t10k-images-idx3-ubyte.gz": "9fb629c4189551a2d022fa330f9573f3",
    "t10k-labels-idx1-ubyte.gz": "ec29112dd5afa0611ce80d1b7f02629c",
}
_DTYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}


def read_idx(path: str | os.PathLike[str]) -> Array:
    """Read an array in the idx format, compressed (.gz) or not.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    array
        With the file's dtype and shape.

    Raises
    ------
    ValueError
        If the file is not of the format; the message says what was found.

    Source
    ------
    The format: Y. LeCun, C. Cortes and C. Burges, The MNIST database of handwritten digits.
    """
    path = Path(path)
    raw = path.read_bytes()
    if path.suffix == ".gz":
        try:
            raw = gzip.decompress(raw)
        except (OSError, EOFError) as error:
            raise ValueError(f"{path.name} is not a whole gzip file ({error})") from None
    if len(raw) < 4 or raw[:2] != b"\0\0" or raw[2] not in _DTYPES:
        raise ValueError(f"{path.name} begins with {raw[:4].hex(' ')!r}, expected an idx file: 00 00, a type, a number of dimensions")
    dtype, ndim = np.dtype(_DTYPES[raw[2]]), raw[3]
    head = 4 + 4 * ndim
    if len(raw) < head:
        raise ValueError(f"{path.name} ends within its header: {len(raw)} bytes, expected {head}")
    shape = struct.unpack(f">{ndim}I", raw[4:head])
    expected = head + math.prod(shape) * dtype.itemsize
    if len(raw) != expected:
        raise ValueError(f"{path.name} has {len(raw)} bytes, expected {expected} for shape {shape}")
    return np.frombuffer(raw, dtype, offset=head).reshape(shape).astype(dtype.newbyteorder("="))


def mnist(folder: str | os.PathLike[str] | None = None) -> Split:
    """The 70,000 handwritten digits of MNIST, 28×28 pixels; fetched on first use, then read from `folder`.

    Parameters
    ----------
    folder
        Where the four files lie or shall lie; by default ``bpkit`` in the user's cache folder.

    Returns
    -------
    Split
        ``train`` (60,000) and ``test`` (10,000), each with x (784, m) in [0, 1] and labels (m,).

    Raises
    ------
    ConnectionError
        If a file is missing and cannot be fetched or kept; the message says where to put it by hand.
    ValueError
        If a file is not the published one.

    Source
    ------
    Y. LeCun, C. Cortes and C. Burges, The MNIST database of handwritten digits; derived from NIST Special Databases 1 and 3.
    """
    home = Path(folder) if folder is not None else _cache_folder()
    train_x, train_y, test_x, test_y = (read_idx(_fetched(home, name, md5)) for name, md5 in _FILES.items())
    return Split(_examples(train_x, train_y), _examples(test_x, test_y))


def _examples(images: Array, labels: Array) -> Examples:
    if images.ndim != 3 or labels.shape != images.shape[:1]:
        raise ValueError(f"images have shape {images.shape} and labels {labels.shape}, expected (m, rows, columns) and (m,)")
    return Examples(images.reshape(len(images), -1).T / 255, labels.astype(int))


def _cache_folder() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "bpkit" / "mnist"


def _fetched(home: Path, name: str, md5: str) -> Path:
    """The path of a file that is there and is the published one."""
    path = home / name
    if path.exists():
        _verify(path.read_bytes(), name, md5)
        return path
    content = _download(home, name)
    _verify(content, name, md5)
    try:
        home.mkdir(parents=True, exist_ok=True)
        # whole or not at all, so that a second reader never finds half a file
        with tempfile.NamedTemporaryFile(dir=home, prefix=name, delete=False) as file:
            file.write(content)
        os.replace(file.name, path)
    except OSError as error:
        raise ConnectionError(f"{name} was fetched and cannot be kept in {home} ({error.strerror or error}); name another folder") from None
    return path


def _download(home: Path, name: str) -> bytes:
    # imported here: it takes as long as all the rest of what a lesson's exercises import, and next to nobody needs it
    import http.client
    import urllib.request

    try:
        with urllib.request.urlopen(_HOME + name, timeout=30) as response:
            content = response.read()
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", error)
        raise ConnectionError(
            f"MNIST is not on this machine and {name} cannot be fetched ({reason}). Put the four .gz files into {home}, "
            "or use bpkit.data.digits(), which needs no network"
        ) from None
    return bytes(content)


def _verify(content: bytes, name: str, md5: str) -> None:
    found = hashlib.md5(content, usedforsecurity=False).hexdigest()
    if found != md5:
        raise ValueError(f"{name} has MD5 {found}, expected {md5}: it is not the published file; delete it to fetch it again")
