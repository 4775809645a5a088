"""Writing a file piece by piece, so that what it replaces stays until it is complete."""

from __future__ import annotations

import contextlib
import io
import os
import secrets
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from typing import IO, Any, cast

from labelwidgets.errors import LabelwidgetsError, SourceError
from labelwidgets.media.shown_paths import shown
from labelwidgets.media.sources import filesystem

# Where others see a file grow; object stores show an object once it is complete.
_GROWING = {"sftp", "ssh", "ftp", "smb", "webdav", "webhdfs", "hdfs", "arrow_hdfs", "memory"}
_BUFFER = 1 << 20
# So much is on its way to the disk before more is written; at the end there is less to wait for.
_AHEAD = 32 << 20


class Replacement:
    """A file on its way to a place: there once it is committed, else not at all.

    A local one is written beside its place and moved there. Another is written to the disk of
    this machine and sent when it is complete; where others would see it grow, under a name of
    its own that is changed at the end.

    Parameters
    ----------
    path
        File or any fsspec URL.
    durable
        Wait until it is on the disk. Of many small files at once that takes most of the time.
    **storage_options
        For fsspec.

    Attributes
    ----------
    file
        Where to write; it can be sought in.
    local
        Whether its place is on this machine.
    size
        How many bytes it has, once it is complete.

    Raises
    ------
    SourceError
        If it cannot be written: from here, from writing, and from `commit`.
    """

    def __init__(
        self, path: str | os.PathLike[str], *, durable: bool = True, **storage_options: Any
    ) -> None:
        from fsspec.implementations.local import LocalFileSystem

        self._shown, self._durable, self._complete = shown(path), durable, False
        self._ahead, self.size = "", 0
        self._fs, place = filesystem(os.fspath(path), storage_options)
        with told(self._shown):
            self.local = isinstance(self._fs, LocalFileSystem)
            # Through a symbolic link, so that the link stays one.
            self._place = os.path.realpath(place) if self.local else str(place)
            if self.local and os.path.isdir(self._place):
                raise IsADirectoryError(21, "is a folder", self._place)
            if self.local:
                self._part = f"{self._place}.{secrets.token_hex(4)}.part"
                raw = _Raw(self._part, "xb+")
            else:
                number, self._part = tempfile.mkstemp(prefix="labelwidgets-", suffix=".part")
                raw = _Raw(number, "wb+")
        raw.shown, raw.ahead = self._shown, self.local and durable
        self._raw, self.file = raw, cast("IO[bytes]", io.BufferedRandom(raw, _BUFFER))

    def complete(self) -> None:
        """Write no more."""
        if not self._complete:
            with told(self._shown):
                self.file.flush()
                self._raw.settle()
                self.size = self.file.seek(0, os.SEEK_END)
                if self.local and self._durable:
                    os.fsync(self.file.fileno())
                self.file.close()
            self._complete = True
            # With its buffer: there may be many that wait for the last of them.
            del self.file, self._raw

    def commit(self) -> None:
        """Put the file in its place."""
        try:
            if not self._complete:
                self.complete()
            with told(self._shown):
                if self.local:
                    if os.path.exists(self._place):
                        shutil.copymode(self._place, self._part)
                    os.replace(self._part, self._place)
                elif self._ahead:
                    _put_in_place(self._fs, self._ahead, self._place)
                    self._ahead = ""
                else:
                    send(self._fs, self._place, self._upload)
        finally:
            self.discard()

    def replaces(self) -> bool:
        """Return whether there is something at the place now, as far as one may know."""
        with told(self._shown):
            try:
                return bool(self._fs.exists(self._place))
            except PermissionError:
                # Of those who may write and not read.
                return False

    def send_ahead(self) -> None:
        """Send a complete file that is not local, under a name of its own until `commit`."""
        with told(self._shown):
            self._ahead = f"{self._place}.{secrets.token_hex(4)}.part"
            self._upload(self._ahead)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._part)

    def withdraw(self) -> None:
        """Remove what was committed to a place where nothing was before."""
        self._fs.rm_file(self._place)

    def discard(self) -> None:
        """Leave the place as it is; of no effect after `commit`."""
        if self._ahead:
            with contextlib.suppress(Exception):
                self._fs.rm_file(self._ahead)
        if not self._complete:
            # What is still to be flushed has no place to go to on a full disk.
            with contextlib.suppress(OSError):
                self.file.close()
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._part)

    def _upload(self, place: str) -> None:
        from fsspec.callbacks import TqdmCallback
        from tqdm.auto import tqdm

        options = {"desc": "Sending", "unit": "B", "unit_scale": True, "delay": 1}
        bar = TqdmCallback(tqdm_kwargs=options, tqdm_cls=tqdm)
        try:
            self._fs.put_file(self._part, place, callback=bar)
        finally:
            bar.close()


@contextlib.contextmanager
def replacing(path: str | os.PathLike[str], **storage_options: Any) -> Iterator[IO[bytes]]:
    """Give a file to write to, which takes its place at the end of the block.

    If that ends by an error, or by whoever interrupts it, what was there before is unchanged.
    See `Replacement`.

    Raises
    ------
    SourceError
        If it cannot be written.
    """
    made = Replacement(path, **storage_options)
    try:
        yield made.file
        made.commit()
    finally:
        made.discard()


def send(fs: Any, place: str, put: Callable[[str], Any]) -> None:
    """Put a whole file on a file system that is not local, never seen in part.

    Parameters
    ----------
    fs, place
        Of fsspec.
    put
        Called with the path to write to.
    """
    if not _is_one_of(fs, _GROWING):
        put(place)
        return
    part = f"{place}.{secrets.token_hex(4)}.part"
    try:
        put(part)
        _put_in_place(fs, part, place)
    except BaseException:
        with contextlib.suppress(Exception):
            fs.rm_file(part)
        raise


def has_folders(fs: Any) -> bool:
    """Return whether folders of a file system are there without files in them."""
    return _is_one_of(fs, _GROWING | {"file", "local"})


def _is_one_of(fs: Any, protocols: set[str]) -> bool:
    return bool(protocols & set((fs.protocol,) if isinstance(fs.protocol, str) else fs.protocol))


def _put_in_place(fs: Any, part: str, place: str) -> None:
    """Give a file the name that it is to have, whatever has it."""
    try:
        _move(fs, part, place)
    except Exception:
        # Some rename nothing onto what is there.
        if not fs.exists(part) or not fs.exists(place):
            raise
        fs.rm_file(place)
        _move(fs, part, place)


def _move(fs: Any, part: str, place: str) -> None:
    from fsspec import AbstractFileSystem

    if type(fs).mv is not AbstractFileSystem.mv:
        fs.mv(part, place)
        return
    # That of fsspec takes brackets in a name for a pattern.
    fs.cp_file(part, place)
    fs.rm_file(part)


class _Raw(io.FileIO):
    """A file whose failures to be written are ours: what else fails in a block is another's."""

    shown = ""
    # Whether it goes to the disk while more is written.
    ahead = False
    _behind = 0
    _sending: threading.Thread | None = None
    _failure: OSError | None = None

    def write(self, data: Any, /) -> int:
        try:
            count = super().write(data)
        except OSError as error:
            raise unwritten(self.shown, error) from None
        self._behind += count
        if self.ahead and self._behind >= _AHEAD and not self._is_sending():
            self._behind = 0
            sending = threading.Thread(target=self._send, daemon=True)
            # Where there are no threads, all of it is waited for at the end.
            with contextlib.suppress(RuntimeError):
                sending.start()
                self._sending = sending
        return count

    def settle(self) -> None:
        """Wait for what is on its way to the disk, and raise what became of it."""
        if self._sending is not None:
            self._sending.join()
        if self._failure is not None:
            # The disk says it once.
            raise self._failure

    def close(self) -> None:
        if self._sending is not None:
            self._sending.join()
        super().close()

    def _is_sending(self) -> bool:
        return self._sending is not None and self._sending.is_alive()

    def _send(self) -> None:
        try:
            os.fsync(self.fileno())
        except OSError as error:
            self._failure = error


@contextlib.contextmanager
def told(name: str) -> Iterator[None]:
    """Turn what file systems raise into what people are told."""
    try:
        yield
    except LabelwidgetsError:
        raise
    except Exception as error:
        raise unwritten(name, error) from None


def unwritten(name: str, error: Exception) -> SourceError:
    """Return the error that says why a file could not be written."""
    if isinstance(error, FileNotFoundError):
        return SourceError(
            "cannot be written, its folder is not there.", where=name, hint="Make the folder first."
        )
    return SourceError(
        f"could not be written ({type(error).__name__}: {getattr(error, 'strerror', '')}).",
        where=name,
        hint="What was there before is unchanged.",
    )
