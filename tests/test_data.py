"""Shipped digits, toy sets, and the MNIST loader on small files that the tests write."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import http.client
import io
import struct
import urllib.error

import numpy as np
import pytest

import bpkit as bp
from bpkit.data import _mnist as mnist_module


def test_digits_are_split_by_class_and_never_overlap():
    split = bp.data.digits()
    assert split.train.x.shape == (64, 1442) and split.test.x.shape == (64, 355)
    assert split.train.x.min() == 0 and split.train.x.max() == 1
    everything = np.concatenate([split.train.labels, split.test.labels])
    assert np.array_equal(np.bincount(everything), [178, 182, 177, 183, 181, 182, 181, 179, 174, 180])
    share = np.bincount(split.test.labels) / np.bincount(everything)
    assert np.all(np.abs(share - 0.2) < 0.006)
    held_back = {column.tobytes() for column in split.test.x.T}
    assert not held_back & {column.tobytes() for column in split.train.x.T}


def test_a_second_reading_is_not_spoilt_by_changes_to_the_first():
    bp.data.digits().train.x[:] = 7
    assert bp.data.digits().train.x.max() == 1


def test_spirals_keep_to_the_disc_and_to_their_generator():
    a, b = (bp.data.spirals(40, rng=np.random.default_rng(3)) for _ in range(2))
    assert np.array_equal(a.x, b.x) and np.all(np.linalg.norm(a.x, axis=0) <= 1)
    assert np.array_equal(np.bincount(a.labels), [40, 40, 40])
    with pytest.raises(ValueError, match="m is 0"):
        bp.data.spirals(0, rng=np.random.default_rng(3))


def idx(array, code=0x08):
    return struct.pack(f">BBBB{array.ndim}I", 0, 0, code, array.ndim, *array.shape) + array.tobytes()


@pytest.mark.parametrize(("dtype", "code"), [(">u1", 0x08), (">i2", 0x0B), (">f4", 0x0D), (">f8", 0x0E)])
@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_idx_files_come_back_with_dtype_and_shape(tmp_path, dtype, code, suffix):
    array = np.arange(24).reshape(2, 3, 4).astype(dtype)
    path = tmp_path / f"file{suffix}"
    path.write_bytes(gzip.compress(idx(array, code)) if suffix else idx(array, code))
    back = bp.data.read_idx(path)
    assert back.dtype == np.dtype(dtype).newbyteorder("=") and np.array_equal(back, array)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "begins with ''"),
        (b"\x89PNG", "begins with '89 50 4e 47'"),
        (b"\0\0\x08\x02\0\0", "ends within its header"),
        (idx(np.zeros(5, "u1"))[:-1], "has 12 bytes, expected 13"),
    ],
)
def test_files_of_another_kind_are_named(tmp_path, content, found):
    path = tmp_path / "labels"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=found):
        bp.data.read_idx(path)


def test_a_cut_gzip_file_is_named(tmp_path):
    path = tmp_path / "images.gz"
    path.write_bytes(gzip.compress(idx(np.zeros(500, "u1")))[:-9])
    with pytest.raises(ValueError, match=r"images\.gz is not a whole gzip file"):
        bp.data.read_idx(path)


@pytest.fixture
def small_mnist(tmp_path, monkeypatch):
    """Four files as MNIST has them, of 3 and 2 images of 4×4 pixels."""
    rng = np.random.default_rng(0)
    arrays = [
        rng.integers(0, 256, (3, 4, 4), np.uint8),
        np.array([1, 2, 9], np.uint8),
        rng.integers(0, 256, (2, 4, 4), np.uint8),
        np.array([0, 7], np.uint8),
    ]
    contents = dict(zip(mnist_module._FILES, (gzip.compress(idx(array)) for array in arrays), strict=True))
    monkeypatch.setattr(mnist_module, "_FILES", {name: hashlib.md5(content).hexdigest() for name, content in contents.items()})
    return contents, arrays


def test_mnist_is_fetched_once_and_then_read_from_the_folder(tmp_path, monkeypatch, small_mnist):
    contents, arrays = small_mnist
    served = []

    class Response:
        def __init__(self, name):
            self.name = name

        def __enter__(self):
            return self

        def __exit__(self, *details):
            return False

        def read(self):
            served.append(self.name)
            return contents[self.name]

    monkeypatch.setattr("urllib.request.urlopen", lambda url, timeout: Response(url.rsplit("/", 1)[1]))
    for _ in range(2):
        split = bp.data.mnist(tmp_path)
        assert np.array_equal(split.train.x, arrays[0].reshape(3, 16).T / 255)
        assert split.test.labels.tolist() == [0, 7]
    assert served == list(contents)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (urllib.error.URLError("no network"), "no network"),
        (urllib.error.HTTPError("", 404, "Not Found", None, None), "Not Found"),
        (TimeoutError("timed out"), "timed out"),
        (http.client.IncompleteRead(b"half"), "IncompleteRead"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_offline_the_message_says_what_to_do(tmp_path, monkeypatch, small_mnist, error, reason):
    def refuse(url, timeout):
        raise error

    monkeypatch.setattr("urllib.request.urlopen", refuse)
    with pytest.raises(ConnectionError, match=rf"cannot be fetched \(.*{reason}.*\).*bpkit\.data\.digits"):
        bp.data.mnist(tmp_path / "cache")
    assert not (tmp_path / "cache").exists()


def test_a_folder_that_cannot_be_written_is_named_and_a_download_that_is_not_the_published_file_is_not_kept(tmp_path, monkeypatch, small_mnist):
    contents = small_mnist[0]
    fetched = dict(contents)
    monkeypatch.setattr("urllib.request.urlopen", lambda url, timeout: contextlib.closing(io.BytesIO(fetched[url.rsplit("/", 1)[1]])))
    (tmp_path / "taken").write_text("a file where a folder should be")
    with pytest.raises(ConnectionError, match=r"cannot be kept in .*taken"):
        bp.data.mnist(tmp_path / "taken")
    fetched["train-images-idx3-ubyte.gz"] = b"a page that asks for a password"
    with pytest.raises(ValueError, match=r"train-images.*not the published file"):
        bp.data.mnist(tmp_path / "cache")
    assert not (tmp_path / "cache").exists()


def test_a_file_that_is_not_the_published_one_is_refused(tmp_path, small_mnist):
    for name, content in small_mnist[0].items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "t10k-labels-idx1-ubyte.gz").write_bytes(b"something else")
    with pytest.raises(ValueError, match=r"t10k-labels.*not the published file"):
        bp.data.mnist(tmp_path)
