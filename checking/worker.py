"""A worker process: does the stages of checks that it is sent, until whoever sends them has gone.

`python -m checking.worker`: messages come in by standard input and go out by standard output.
"""

import gc
import os
import signal
import sys
import threading
from contextlib import suppress
from queue import SimpleQueue
from typing import BinaryIO, Final

from checking.frames import receive, send

MOST_MEMORY: Final = 768 * 1024 * 1024
"""Bytes of addresses that a worker may have. A workbook of a few kilobytes can ask for terabytes,
and nobody but the kernel stops the library that reads it: then the worker ends, and nothing else.
"""


def main() -> None:
    """Work until standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # What a library prints must not end up between the messages.
    with os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)
        messages: SimpleQueue[list[bytes]] = SimpleQueue()
        threading.Thread(target=_listen, args=(sys.stdin.buffer, messages), daemon=True).start()
        _limit_memory()
        _work(messages, answers)


def _work(messages: "SimpleQueue[list[bytes]]", answers: BinaryIO) -> None:
    """Answer messages for as long as the process lives."""
    # Whoever sends them may be gone before all this is loaded.
    from checking.stages import answer  # noqa: PLC0415

    # Values here hold no cycles, and what was imported stays.
    gc.disable()
    gc.freeze()
    while True:
        send(answers, answer(messages.get()))


def _limit_memory() -> None:
    """Take a limit of memory, where the system knows of such."""
    with suppress(ImportError, ValueError, OSError):
        import resource  # noqa: PLC0415  there is none on Windows

        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))


def _listen(source: BinaryIO, messages: "SimpleQueue[list[bytes]]") -> None:
    """Pass messages on; the end of input is the end of the process, in the middle of work too."""
    try:
        while (message := receive(source)) is not None:
            messages.put(message)
    finally:
        # Also in the middle of a message, which is no error of ours.
        os._exit(0)


if __name__ == "__main__":
    main()
