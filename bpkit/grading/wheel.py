"""Packs the bpkit that is running into a wheel, so that another machine grades with the very same one."""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from importlib.metadata import distribution, version
from pathlib import Path

import bpkit
from bpkit.course.folders import WORKED, find_course
from bpkit.course.pins import USES, pins

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same files give the same bytes


def wheel_name() -> str:
    """What `own_wheel` calls its file."""
    return f"bpkit_course-{version('bpkit-course')}-py3-none-any.whl"


def own_wheel() -> tuple[str, bytes]:
    """The file name and the bytes of a wheel of this installation, made from a checkout or from an installed copy.

    It holds the package, the lessons as learners get them, and the pinned versions, and no solution.
    """
    installed = distribution("bpkit-course")
    package = Path(bpkit.__file__).parent
    files = {f"bpkit/{path.relative_to(package).as_posix()}": path.read_bytes() for path in _below(package)}
    lessons = find_course().lessons
    files |= {f"bpkit/_course/lessons/{path.relative_to(lessons).as_posix()}": path.read_bytes() for path in sorted(lessons.rglob("*.ipynb"))}
    files |= {f"bpkit/_course/requirements/{use}.txt": pins(use).read_bytes() for use in USES}
    files["bpkit_course.py"] = (package.parent / "bpkit_course.py").read_bytes()
    about = f"bpkit_course-{installed.version}.dist-info"
    files[f"{about}/METADATA"] = (installed.read_text("METADATA") or "").encode()
    files[f"{about}/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: bpkit\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    files[f"{about}/entry_points.txt"] = b"[console_scripts]\nbpkit = bpkit_course:main\n"
    record = [f"{name},sha256={_digest(content)},{len(content)}" for name, content in files.items()]
    files[f"{about}/RECORD"] = "\n".join([*record, f"{about}/RECORD,,", ""]).encode()
    return wheel_name(), zipped(files)


def zipped(files: dict[str, bytes], programs: tuple[str, ...] = ()) -> bytes:
    """A zip archive of these files, byte for byte the same each time; `programs` may be executed."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # Unix, so that the permissions below count
            entry.external_attr = (0o100755 if name in programs else 0o100644) << 16
            archive.writestr(entry, data)
    return content.getvalue()


def _below(package: Path) -> list[Path]:
    found = (path for path in package.rglob("*") if path.is_file() and path.suffix != ".pyc" and path.name != WORKED)
    return sorted(path for path in found if not any(part.startswith(".") for part in path.relative_to(package).parts))


def _digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
