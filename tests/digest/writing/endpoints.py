"""Local servers that speak the protocols writers use: real HTTP on loopback, answers by script."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = tuple[int, Any]  # status and JSON


@dataclass
class Endpoint:
    """A running server with what it was asked."""

    url: str
    asked: list[dict[str, Any]] = field(default_factory=list)


@contextmanager
def serving(answer: Callable[[str, dict[str, Any]], Answer]) -> Iterator[Endpoint]:
    """Serve POSTs of JSON until the block ends. answer: path and JSON to status and JSON."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            given = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            endpoint.asked.append(given)
            status, content = answer(self.path, given)
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    endpoint = Endpoint(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield endpoint
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def completion(text: str, asked: int = 100, answered: int = 50) -> Answer:
    """What an OpenAI-compatible server says."""
    return 200, {
        "id": "1", "object": "chat.completion", "created": 1, "model": "m",
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}],
        "usage": {"prompt_tokens": asked, "completion_tokens": answered, "total_tokens": asked + answered},
    }  # fmt: skip


def numbered(given: Mapping[str, Any]) -> dict[str, int]:
    """The sentences a model was shown, with their numbers."""
    shown = given["messages"][1]["content"]
    return {text: int(number) for number, text in re.findall(r"^\[(\d+)\] (.*)$", shown, re.MULTILINE)}


def claims(headline: tuple[str, int], *sentences: tuple[str, int]) -> str:
    """A model's answer: each text with the number of the sentence it rests on."""
    rows = [{"text": text, "rests_on": [number]} for text, number in sentences]
    return json.dumps({"headline": {"text": headline[0], "rests_on": [headline[1]]}, "sentences": rows})
