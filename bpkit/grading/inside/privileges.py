"""Namespaces, capabilities, system calls and limits: what a submission's processes give up."""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import socket
from functools import cache
from typing import Any

from .processes import die_with_parent, libc
from .wire import Job

_CLONE_NEWNS, _CLONE_NEWCGROUP, _CLONE_NEWUTS, _CLONE_NEWIPC = 0x20000, 0x2000000, 0x4000000, 0x8000000
_CLONE_NEWUSER, _CLONE_NEWPID, _CLONE_NEWNET = 0x10000000, 0x20000000, 0x40000000
_MS_NOSUID, _MS_NODEV, _MS_PRIVATE, _MS_REC = 2, 4, 1 << 18, 1 << 14
_PR_SET_DUMPABLE, _PR_CAPBSET_DROP, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 4, 24, 22, 38

# Calls that no answer needs and that past holes in kernels were reached through, or that keep memory which is no process's and so is not
# counted. They fail with EPERM.
# name: (x86_64, aarch64)
_FORBIDDEN = {
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "kcmp": (312, 272),
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsmount": (432, 432),
    "mount_setattr": (442, 442),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "kexec_load": (246, 104),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "personality": (135, 92),
    "shmget": (29, 194),
    "semget": (64, 190),
    "msgget": (68, 186),
    "vmsplice": (278, 75),
}
# With these a hand-in would have more than its share of the processors; a new session has one of its own. They do nothing and succeed.
_PRETENDED = {
    "setsid": (112, 157),
    "sched_setaffinity": (203, 122),
}
_MMAP = (9, 222)
_MAP_SHARED, _MAP_ANONYMOUS = 0x01, 0x20
_SETSOCKOPT = (54, 208)
_SOL_SOCKET = 1
_BUFFER_SIZES = (7, 8)  # SO_SNDBUF, SO_RCVBUF
_SOCKET = (41, 198)
_CLONE = (56, 220)
_CLONE3 = (435, 435)


# made once, and not by each process for itself
_capset: Any = getattr(libc(), "capset", None)
_NO_CAPABILITIES = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()


class _Filter(ctypes.Structure):
    _fields_ = [("code", ctypes.c_ushort), ("jt", ctypes.c_ubyte), ("jf", ctypes.c_ubyte), ("k", ctypes.c_uint32)]


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.POINTER(_Filter))]


def _must(result: int, what: str) -> None:
    if result != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")


@cache
def system_call_filter() -> _Program | None:
    """A seccomp filter; None on machines whose numbers it does not know.

    It denies `_FORBIDDEN`, new user namespaces, every socket but a Unix one, larger buffers for these, and memory that
    processes share without a file: what has been written there stays when nobody has it mapped any more, so no count of a
    process's pages finds it. The namespaces stand on their own; to them, the filter is a second wall.
    """
    column = {"x86_64": 0, "aarch64": 1}.get(platform.machine())
    if column is None:
        return None
    architecture = (0xC000003E, 0xC00000B7)[column]
    load, equal, masked, give_back = 0x20, 0x15, 0x45, 0x06
    denied, nothing, allowed, killed, absent = 0x00050000 | 1, 0x00050000, 0x7FFF0000, 0x80000000, 0x00050000 | 38
    steps = [(load, 0, 0, 4), (equal, 1, 0, architecture), (give_back, 0, 0, killed), (load, 0, 0, 0)]
    if column == 0:  # the x32 table is another numbering of the same calls
        steps += [(0x35, 0, 1, 0x40000000), (give_back, 0, 0, killed)]
    for numbers in _FORBIDDEN.values():
        steps += [(equal, 0, 1, numbers[column]), (give_back, 0, 0, denied)]
    # clone3 passes its flags in memory, where a filter cannot look; glibc falls back to clone on ENOSYS
    steps += [(equal, 0, 1, _CLONE3[column]), (give_back, 0, 0, absent)]
    steps += [(equal, 0, 3, _CLONE[column]), (load, 0, 0, 16), (masked, 0, 1, _CLONE_NEWUSER), (give_back, 0, 0, denied), (load, 0, 0, 0)]
    for numbers in _PRETENDED.values():
        steps += [(equal, 0, 1, numbers[column]), (give_back, 0, 0, nothing)]
    shared = [(load, 0, 0, 16 + 8 * 3), (0x54, 0, 0, _MAP_SHARED | _MAP_ANONYMOUS), (equal, 0, 1, _MAP_SHARED | _MAP_ANONYMOUS)]
    steps += [(equal, 0, 5, _MMAP[column]), *shared, (give_back, 0, 0, denied), (load, 0, 0, 0)]
    sizes = [(load, 0, 0, 16 + 8 * 1), (equal, 0, 4, _SOL_SOCKET), (load, 0, 0, 16 + 8 * 2)]
    sizes += [(equal, 1, 0, _BUFFER_SIZES[0]), (equal, 0, 1, _BUFFER_SIZES[1])]
    steps += [(equal, 0, 7, _SETSOCKOPT[column]), *sizes, (give_back, 0, 0, denied), (load, 0, 0, 0)]
    steps += [(equal, 0, 3, _SOCKET[column]), (load, 0, 0, 16), (equal, 1, 0, socket.AF_UNIX), (give_back, 0, 0, denied)]
    steps += [(give_back, 0, 0, allowed)]
    filters = (_Filter * len(steps))(*[_Filter(*step) for step in steps])
    return _Program(len(steps), filters)


def fork_into_fresh_pids() -> int:
    """Fork a process that is the first of a fresh pid namespace (in the zygote, which stays where it is)."""
    own = os.pidfd_open(os.getpid())
    pid = -1
    try:
        _must(libc().unshare(_CLONE_NEWPID), "unshare of the pid namespace")
        try:
            pid = os.fork()
        finally:
            if pid != 0:
                _must(libc().setns(own, _CLONE_NEWPID), "return to the pid namespace")
    finally:
        os.close(own)
    return pid


def live_apart() -> None:
    """Have a session and namespaces of one's own, as a bubblewrap of one's own gives them (in a copy of the zygote)."""
    os.setsid()
    die_with_parent()
    _must(libc().unshare(_CLONE_NEWNET | _CLONE_NEWUTS), "unshare")
    libc().unshare(_CLONE_NEWCGROUP)  # bubblewrap makes this one where there is such a thing
    enter_namespaces({"disk": 64 << 20})
    os.chdir("/tmp")


def enter_namespaces(job: Job) -> None:
    """Fresh mount and ipc namespaces, and an empty private /tmp (in init)."""
    _must(libc().unshare(_CLONE_NEWNS | _CLONE_NEWIPC), "unshare")
    _must(libc().mount(b"none", b"/", None, _MS_REC | _MS_PRIVATE, None), "making mounts private")
    options = f"size={job['disk']},nr_inodes=2000,mode=1777".encode()
    _must(libc().mount(b"tmpfs", b"/tmp", b"tmpfs", _MS_NOSUID | _MS_NODEV, options), "mounting /tmp")


def drop_privileges(mode: str, uid: int | None) -> None:
    """Become an unmapped user without any capability, for good (in init)."""
    if uid is not None:  # started by root: the limit on processes does not hold for root's own id
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    if mode == "nested":
        _must(libc().unshare(_CLONE_NEWUSER), "unshare of the user namespace")
    for capability in range(64):
        if libc().prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
            break
    _must(_capset(*_NO_CAPABILITIES), "capset")
    _must(libc().prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
    _must(libc().prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0), "dumpable")
    if (program := system_call_filter()) is not None:
        _must(libc().prctl(_PR_SET_SECCOMP, 2, ctypes.byref(program), 0, 0), "seccomp")


def limit_resources(job: Job, sealed: bool) -> None:
    """Set the limits of this process and of all that it starts."""
    limits = {
        "RLIMIT_CORE": 0,
        "RLIMIT_FSIZE": job["disk"],
        "RLIMIT_NOFILE": 128,  # each may be a socket, whose buffers are nobody's memory
        "RLIMIT_CPU": int(job["seconds"]) + 1,
        "RLIMIT_AS": job["memory"],
        "RLIMIT_NPROC": job["processes"],
        "RLIMIT_MEMLOCK": 0,
        "RLIMIT_MSGQUEUE": 0,
        "RLIMIT_SIGPENDING": 256,
    }
    if not sealed:
        del limits["RLIMIT_NPROC"]  # it would count the user's own processes
    for name, value in limits.items():
        kind = getattr(resource, name, None)
        if kind is not None:
            hard = resource.getrlimit(kind)[1]
            value = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(kind, (value, value))
