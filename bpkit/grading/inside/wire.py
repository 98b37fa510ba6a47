"""The frames in which the sandbox and the grader talk."""

from __future__ import annotations

import json
import socket
import struct
from typing import Any

Job = dict[str, Any]

FRAME = struct.Struct("<iI")  # tag, length; a tag ≥ 0 is a slot (see Progress)
NOTES, SUMMARY = -1, -2

MAX_PAYLOAD = 2_000_000  # bytes that one exercise may send
MAX_NOTES = 200_000


def send(link: socket.socket, tag: int, body: bytes | Job) -> None:
    link.sendall(frame(tag, body if isinstance(body, bytes) else json.dumps(body).encode()))


def frame(tag: int, body: bytes) -> bytes:
    return FRAME.pack(tag, len(body)) + body


def read_exactly(link: socket.socket, size: int) -> bytes:
    data = bytearray()
    while len(data) < size:
        piece = link.recv(min(1 << 16, size - len(data)))
        if not piece:
            raise EOFError("the grader hung up")
        data += piece
    return bytes(data)
