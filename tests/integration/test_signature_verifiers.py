"""Our signatures before the reference libraries of other languages; each is skipped by name where it cannot be had.

What they need is built once into the user's cache, outside the checkout.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from sinks.message.signature import ID_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER, Secret, signed_headers

SOURCES = Path(__file__).parent.parent / "support" / "verifiers"
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "newsmon-tests" / "verifiers"
BUILD_WITHIN_S = 240
GO_MODULE = "github.com/standard-webhooks/standard-webhooks/libraries"
NEW, OLD, OTHER = Secret(b"n" * 32), Secret(b"o" * 24), Secret(b"x" * 64)
BODY = '{"title":"Zażółć gęślą jaźń — Київ 🇺🇦","lead":"a\\u0000b"}'.encode()


def built(language: str) -> list[str]:
    """The command that verifies by this language's library; skips when it cannot be made."""
    folder = CACHE / language
    shutil.copytree(SOURCES / language, folder, dirs_exist_ok=True)
    steps, command = {
        "javascript": ([["npm", "install", "--no-audit", "--no-fund", "--silent", "standardwebhooks@1.1.1"]], ["node", str(folder / "verify.mjs")]),
        "go": ([["go", "get", f"{GO_MODULE}@latest"], ["go", "build", "-o", "verify", "."]], [str(folder / "verify")]),
        "rust": ([["cargo", "build", "--quiet"]], [str(folder / "target" / "debug" / "verify")]),
    }[language]  # fmt: skip
    if shutil.which(steps[0][0]) is None:
        pytest.skip(f"{steps[0][0]} is not installed: {language}'s library cannot be asked")
    stamp = folder / "built"
    if not stamp.exists():
        if language == "go" and not (folder / "go.mod").exists():
            steps = [["go", "mod", "init", "verify"], *steps]
        for step in steps:
            try:
                done = subprocess.run(step, cwd=folder, capture_output=True, text=True, timeout=BUILD_WITHIN_S, check=False)
            except subprocess.TimeoutExpired:
                pytest.skip(f"{language}'s library cannot be had: {' '.join(step[:2])} did not end within {BUILD_WITHIN_S} s")
            if done.returncode != 0:
                pytest.skip(f"{language}'s library cannot be had: {' '.join(step[:2])} said {done.stderr.strip()[-300:]}")
        stamp.touch()
    return command


def delivery(secret: Secret, signing: list[Secret], *, age_s: int = 0, body: bytes = BODY, sent: bytes | None = None) -> dict[str, str]:
    headers = signed_headers(signing, webhook_id="msg_1", timestamp_s=int(time.time()) - age_s, body=body)
    return {
        "secret": secret.text(), "id": headers[ID_HEADER], "timestamp": headers[TIMESTAMP_HEADER], "signature": headers[SIGNATURE_HEADER],
        "body": base64.b64encode(body if sent is None else sent).decode(),
    }  # fmt: skip


@pytest.mark.parametrize("language", ["javascript", "go", "rust"])
def test_the_library_accepts_ours_and_refuses_what_was_changed(language: str) -> None:
    command = built(language)
    cases = [
        (delivery(NEW, [NEW]), "ok"),
        (delivery(OTHER, [OTHER]), "ok"),
        (delivery(OLD, [NEW, OLD]), "ok"),  # rotation: a receiver that knows only the old secret
        (delivery(NEW, [NEW, OLD]), "ok"),
        (delivery(NEW, [OLD]), "no"),
        (delivery(NEW, [NEW], sent=BODY + b" "), "no"),
        (delivery(NEW, [NEW], age_s=600), "no"),
        (delivery(NEW, [NEW], age_s=-600), "no"),
    ]
    lines = "".join(json.dumps(case) + "\n" for case, _verdict in cases)
    done = subprocess.run(command, input=lines, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == [verdict for _case, verdict in cases]
