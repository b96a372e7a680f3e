import socket
import struct
import threading

import pytest

from local.loopback import LoopbackServer, Request, Response


def test_a_client_that_hangs_up_before_its_answer_leaves_no_traceback(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, hung_up, handled = threading.Event(), threading.Event(), threading.Event()

    def answer(_: Request) -> Response:
        asked.set()
        hung_up.wait(10)
        return Response("200 OK", b"x" * 10_000_000)

    with LoopbackServer(answer) as server:
        monkeypatch.setattr(server._server, "close_request", lambda _: handled.set())
        host, port = server.url.removeprefix("http://").split(":")
        client = socket.create_connection((host, int(port)))
        client.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert asked.wait(10)
        # Closed so, the connection is reset, and what the server sends finds nobody.
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.close()
        hung_up.set()
        assert handled.wait(10)
    assert "Traceback" not in capfd.readouterr().err
