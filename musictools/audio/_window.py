"""A part of a file, as decoders are shown it."""

import os
from contextlib import suppress
from typing import IO


class Window:
    """A file from some byte on, with a few bytes of its header replaced.

    Decoders in C call it, and no error can pass through them: one of reading is kept for later,
    and a seek to an impossible place, as damaged headers ask for, does nothing.
    """

    def __init__(
        self, handle: IO[bytes], start: int, patch: tuple[int, bytes] | None = None
    ) -> None:
        self._handle, self._start, self._patch = handle, start, patch
        self.failure: OSError | None = None
        handle.seek(start)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move, counting from the window's first byte."""
        if whence == os.SEEK_SET:
            offset += self._start
        with suppress(OSError, ValueError, OverflowError):
            self._handle.seek(offset, whence)
        return self.tell()

    def tell(self) -> int:
        """Say where the next byte comes from."""
        return self._handle.tell() - self._start

    def read(self, count: int) -> bytes:
        """Read bytes, the replaced ones among them."""
        place = self._handle.tell()
        try:
            data = self._handle.read(count)
        except OSError as error:
            self.failure = error
            return b""
        if self._patch is None:
            return data
        at, new = self._patch[0] - place, self._patch[1]
        if at >= len(data) or at + len(new) <= 0:
            return data
        mixed = bytearray(data)
        for i, byte in enumerate(new, start=at):
            if 0 <= i < len(mixed):
                mixed[i] = byte
        return bytes(mixed)
