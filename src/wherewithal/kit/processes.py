"""Child processes that never outlive their parent."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence

PR_SET_PDEATHSIG = 1
PATIENCE_S = 20


def die_with_parent(sign: signal.Signals = signal.SIGTERM) -> None:
    """Ask the kernel for this signal when our parent dies, however it dies. Linux only, harmless elsewhere."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, sign)


def spawn(command: Sequence[str], *, environ: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    """Start a child in a session of its own: Ctrl-C reaches us alone, and we stop it in order."""
    return subprocess.Popen(command, env=dict(environ), start_new_session=True, preexec_fn=die_with_parent)


def stop(child: "subprocess.Popen[bytes]") -> None:
    """SIGTERM, patience, SIGKILL."""
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def alive(pid: int) -> bool:
    """Whether there is a process of this number."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@contextlib.contextmanager
def told_to_stop() -> Iterator[None]:
    """Within the block SIGTERM and SIGINT raise KeyboardInterrupt, also where a shell has had SIGINT ignored."""
    before = {
        sign: signal.signal(sign, signal.default_int_handler) for sign in (signal.SIGTERM, signal.SIGINT)
    }
    try:
        yield
    finally:
        for sign, handler in before.items():
            signal.signal(sign, handler)


def own_command(module: str, *arguments: str) -> list[str]:
    """Run one of our modules with this Python."""
    return [sys.executable, "-m", module, *arguments]


def environment_with(**changes: str) -> dict[str, str]:
    return {**os.environ, **changes}
