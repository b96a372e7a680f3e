"""A small HTTP/1.1 server on loopback, for the AWS protocols that the laptop speaks."""

import socketserver
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request; the names of its headers are in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Response:
    """One HTTP response: ``status`` with its reason, e.g. ``200 OK``."""

    status: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


class LoopbackServer:
    """Answers requests at ``url`` while the context is open; for None it closes the connection instead."""

    def __init__(self, answer: Callable[[Request], Response | None]) -> None:
        handler = type("Handler", (_RequestHandler,), {"answer": staticmethod(answer)})
        self._server = _Server(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        # The poll interval is what closing waits for at most.
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(socketserver.ThreadingTCPServer):
    """http.server's own class would look up the host's name, which can take seconds without a network."""

    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print what went wrong, but for a client that hung up, as Ctrl-C makes it: nobody is there to tell."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _RequestHandler(socketserver.StreamRequestHandler):
    """HTTP/1.1 with keep-alive as an AWS client speaks it; http.server's parsing takes twice the time.

    An answer is one write: two small ones would wait for the client's delayed acknowledgement (Nagle).
    """

    answer: Callable[[Request], Response | None]
    disable_nagle_algorithm = True

    def handle(self) -> None:
        while line := self.rfile.readline():
            method, target, _ = line.decode("latin-1").split(" ", 2)
            headers = dict(self._headers())
            if headers.get("expect", "").lower() == "100-continue":
                # boto3 sends an object's body only then, or after a second of waiting.
                self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            body = self.rfile.read(int(headers.get("content-length", 0)))
            response = self.answer(Request(method, target, headers, body))
            if response is None:
                return
            self.wfile.write(_wire(response))

    def _headers(self) -> Iterator[tuple[str, str]]:
        while line := self.rfile.readline().strip():
            name, _, value = line.decode("latin-1").partition(":")
            yield name.lower(), value.strip()


def _wire(response: Response) -> bytes:
    headers = {**response.headers, "Content-Length": str(len(response.body))}
    head = (f"HTTP/1.1 {response.status}", *(f"{name}: {value}" for name, value in headers.items()), "", "")
    return "\r\n".join(head).encode("latin-1") + response.body
