"""The other files of a data folder that a second box keeps too: certificates, users of the broker, lists, settings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, suppress
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

from gateway.operations.private_file import private_file
from gateway.records.sqlite_file import connect_to_read, connect_to_write, private_folder
from gateway.records.sqlite_file import private_file as empty_file
from gateway.standby.names import FILE

FOLLOWING = "following"
"""A folder in which copies of databases are made ready."""
PART = 1024 * 1024  # bytes
LARGEST = 64 * 1024 * 1024  # bytes of one file
NOT_OURS = (
    "lock", "told", "room", "*.sock", "*-wal", "*-shm", "*-journal", "*.part", "*.new", "moments.db", "keys.db",
    "before-migration.db", "*.before-restore.db", FILE,
)  # fmt: skip
NO_FOLDERS = (FOLLOWING, "restoring", "backups")
OF_BROKER = ("users.json", "credentials.json")  # what else is there it makes by itself
Listed = dict[str, list[int]]
"""Names, below the folder, with size and time of the last change."""


def listed(folder: Path) -> Listed:
    """The files of a folder that are kept at the second box too."""
    return {name: stamp for name, path in _all(folder) if (stamp := _stamp(path)) is not None}


def _stamp(path: Path) -> list[int] | None:
    """Size and time; of a database with what it holds beside its file."""
    with suppress(OSError):
        there = [path.stat()]
        if path.suffix == ".db":
            with suppress(OSError):
                there.append(path.with_name(f"{path.name}-wal").stat())
        if there[0].st_size <= LARGEST:
            return [sum(each.st_size for each in there), max(each.st_mtime_ns for each in there)]
    return None


def _all(folder: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if is_ours(name) and path.is_file() and not path.is_symlink():
            yield name, path


def is_ours(name: str) -> bool:
    """Whether a file of this name, below the data folder, is kept at both boxes."""
    parts = PurePosixPath(name).parts
    if not parts or name.startswith("/") or any(part in ("..", ".") or "\x00" in part for part in parts):
        return False
    if parts[0] in NO_FOLDERS or any(fnmatch(parts[-1], pattern) for pattern in NOT_OURS):
        return False
    return parts[0] != "broker" or parts[1:] in {(each,) for each in OF_BROKER}


def copy_of(folder: Path, name: str) -> Path:
    """A database as it is at this moment, in one file of its own."""
    private_folder(folder / FOLLOWING)
    target = copy_at(folder, name)
    target.unlink(missing_ok=True)
    empty_file(target)
    with closing(connect_to_read(folder / name)) as live, closing(connect_to_write(target)) as copy:
        live.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")
    return target


def copy_at(folder: Path, name: str) -> Path:
    """Where the copy of a database is."""
    return folder / FOLLOWING / name.replace("/", "-")


def part_of(path: Path, offset: int) -> bytes:
    """A part of a file, empty behind its end."""
    with path.open("rb") as file:
        file.seek(offset)
        return file.read(PART)


def put(folder: Path, name: str, content: bytes) -> None:
    """A file as it came, whole or not at all; raises PermissionError for a name that is none of these."""
    if not is_ours(name):
        raise PermissionError(f"{name} is no file that a second box keeps")
    path = folder / name
    for suffix in ("-wal", "-shm") if path.suffix == ".db" else ():
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    private_file(path, content)
