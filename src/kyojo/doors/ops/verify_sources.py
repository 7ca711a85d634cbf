"""Where ``verify`` gets files from: a folder, or http(s), with limits on sizes, redirects, time."""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import httpx

from kyojo.ledger.audit.errors import TooLong, Unreachable

from .errors import Bad

REDIRECTS_MAX = 3
FETCHES_AT_ONCE = 8
TIMEOUT = httpx.Timeout(30, connect=10)
#: A file that did not arrive whole is asked for this often.
ATTEMPTS = 3
#: Packed once and no more: what was packed several times could unpack to more than fits anywhere.
ENCODINGS = ("gzip", "identity")


class Source(Protocol):
    """As ``ledger.audit``, with an end."""

    def read(self, path: str, *, limit: int) -> bytes | None: ...

    def read_each(self, paths: Iterable[str], *, limit: int) -> Iterator[bytes | None]: ...

    def close(self) -> None: ...


class Folder:
    """A log as files in a folder, laid out as a log is served."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, path: str, *, limit: int) -> bytes | None:
        """A file below the folder, None when there is none. TooLong, Unreachable."""
        try:
            with (self.folder / path).open("rb") as file:
                data = file.read(limit + 1)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise Unreachable(reason=f"{path}: {error.strerror}") from None
        if len(data) > limit:
            raise TooLong(reason=path)
        return data

    def read_each(self, paths: Iterable[str], *, limit: int) -> Iterator[bytes | None]:
        """One after the other: a disk is fast enough."""
        return (self.read(path, limit=limit) for path in paths)

    def close(self) -> None:
        """Nothing is open."""


class Web:
    """Files below an http(s) address, over connections that are kept open."""

    def __init__(self, prefix: str, *, attempts: int = ATTEMPTS) -> None:
        self.prefix = prefix.rstrip("/")
        self._attempts = attempts
        self._client = httpx.Client(
            timeout=TIMEOUT,
            headers={"Accept-Encoding": ", ".join(ENCODINGS), "User-Agent": "kyojo-verify"},
            limits=httpx.Limits(max_connections=FETCHES_AT_ONCE),
        )
        self._pool = ThreadPoolExecutor(FETCHES_AT_ONCE)

    def read(self, path: str, *, limit: int) -> bytes | None:
        """A file below the prefix, None when there is none. TooLong, Unreachable."""
        return self._get(f"{self.prefix}/{path}" if path else self.prefix, limit)

    def read_each(self, paths: Iterable[str], *, limit: int) -> Iterator[bytes | None]:
        """In their order, a few fetched ahead."""
        waiting = deque[Future[bytes | None]]()
        remaining = iter(paths)

        def submit() -> None:
            path = next(remaining, None)
            if path is not None:
                waiting.append(self._pool.submit(self.read, path, limit=limit))

        for _ in range(2 * FETCHES_AT_ONCE):
            submit()
        while waiting:
            future = waiting.popleft()
            submit()
            yield future.result()

    def close(self) -> None:
        """End the connections; what is being fetched ahead is not waited for."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._client.close()

    def _get(self, url: str, limit: int) -> bytes | None:
        for attempt in range(1, self._attempts + 1):
            try:
                return self._follow(url, limit)
            except httpx.InvalidURL as error:
                raise Unreachable(reason=f"{url}: {error}") from None
            except httpx.HTTPError as error:
                if attempt == self._attempts:
                    words = str(error) or type(error).__name__
                    raise Unreachable(reason=f"{url}: {words}") from None
        raise AssertionError("the last attempt returns or raises")

    def _follow(self, url: str, limit: int) -> bytes | None:
        for _ in range(REDIRECTS_MAX + 1):
            with self._client.stream("GET", url) as response:
                if response.has_redirect_location:
                    target = response.next_request
                    assert target is not None
                    if url.startswith("https:") and target.url.scheme != "https":
                        raise Unreachable(reason=f"{url}: redirected away from https")
                    url = str(target.url)
                    continue
                if response.status_code in (404, 410):
                    return None
                if response.status_code != 200:
                    raise Unreachable(reason=f"{url}: status {response.status_code}")
                if response.headers.get("Content-Encoding", "identity").lower() not in ENCODINGS:
                    raise Unreachable(reason=f"{url}: packed in another way than asked for")
                return _limited(response, limit)
        raise Unreachable(reason=f"{url}: more than {REDIRECTS_MAX} redirects")


def _limited(response: httpx.Response, limit: int) -> bytes:
    """The body, unpacked, as long as it stays below the limit."""
    data = bytearray()
    for chunk in response.iter_bytes():
        data += chunk
        if len(data) > limit:
            raise TooLong(reason=str(response.url))
    return bytes(data)


def is_address(text: str) -> bool:
    """Is it an http(s) address (and not a file)?"""
    try:
        return urlsplit(text).scheme in ("http", "https")
    except ValueError:  # a log's policy can have anything in the place of an address
        return False


def source_of(place: str) -> Source:
    """An address or a folder. Raises ``Bad`` for neither."""
    if is_address(place):
        return Web(place)
    folder = Path(place)
    if not folder.is_dir():
        raise Bad(f"there is no folder {place}")
    return Folder(folder)
