"""Fetching the translation models once: Mozilla's own, or from a folder that somebody put them in."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aiohttp import ClientSession

from lagebrief.errors import InputError, TryAgainError

SUMS = "SHA256SUMS"
_LINE = re.compile(r"([0-9a-f]{64}) [ *]([\w.-]+)")
_PIECE = 1 << 16
_TIMEOUT = 60  # seconds without a byte
_MOST_FILES = 8

OnProgress = Callable[[str, int, int], None]  # name, bytes so far, bytes in all or 0


def fetch(folder: Path, mirror: str, user_agent: str, on_progress: OnProgress) -> list[Path]:
    """Fetch the models from English to German into a folder; what is there and whole stays.

    mirror: address of a folder with the model's files and a SHA256SUMS that names them; "" is Mozilla's.
    Raises TryAgainError where it cannot be reached, InputError for what is no such folder or arrives damaged.
    """
    if mirror:
        return asyncio.run(_from_mirror(folder, mirror, user_agent, on_progress))
    if find_spec("fxtranslate") is None:
        raise InputError("the package fxtranslate is missing: pip install 'lagebrief[translate]'")
    return _from_mozilla(folder)


def _from_mozilla(folder: Path) -> list[Path]:
    """The package's own way: it knows the catalogue, checks the sums and shows a bar."""
    from fxtranslate import Cache, discovery

    try:
        discovery.add_models("en", "de", str(folder.parent), True)
    except ValueError as error:
        raise TryAgainError(f"Mozilla's models cannot be fetched: {error}; try translate.mirror") from error
    return [Path(path) for _name, _bytes, path in Cache(str(folder.parent)).pair_files("en-de")]


async def _from_mirror(folder: Path, mirror: str, user_agent: str, on_progress: OnProgress) -> list[Path]:
    import aiohttp

    limits = aiohttp.ClientTimeout(total=None, sock_connect=_TIMEOUT, sock_read=_TIMEOUT)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        async with aiohttp.ClientSession(timeout=limits, headers={"User-Agent": user_agent}) as session:
            async with session.get(f"{mirror}/{SUMS}", raise_for_status=True) as answer:
                wanted = _sums(await answer.text(), mirror)
            return [
                await _file(session, f"{mirror}/{name}", folder / name, sum_, on_progress)
                for name, sum_ in wanted.items()
            ]
    except (aiohttp.ClientError, TimeoutError) as error:
        raise TryAgainError(f"{mirror} cannot be read: {error}") from error


def _sums(text: str, mirror: str) -> dict[str, str]:
    """Sum by name of the file, as `sha256sum` writes them."""
    found = {match[2]: match[1] for match in map(_LINE.fullmatch, text.splitlines()) if match}
    if not 0 < len(found) <= _MOST_FILES:
        raise InputError(f"{mirror}/{SUMS} names no model files")
    return found


async def _file(session: ClientSession, url: str, path: Path, sum_: str, on_progress: OnProgress) -> Path:
    if path.is_file() and _sum_of(path) == sum_:
        return path
    part = path.with_name(f"{path.name}.part")
    async with session.get(url, raise_for_status=True) as answer:
        whole, so_far = answer.content_length or 0, 0
        with part.open("wb") as file:
            async for piece in answer.content.iter_chunked(_PIECE):
                file.write(piece)
                so_far += len(piece)
                on_progress(path.name, so_far, whole)
    if _sum_of(part) != sum_:
        part.unlink()
        raise InputError(f"{url} arrived damaged: its SHA-256 is not the one in {SUMS}")
    return part.replace(path)


def _sum_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
