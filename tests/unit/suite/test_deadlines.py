"""Every wait in the tests has a deadline: a test that hangs says where, and ends long before the limit of the whole test."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest
from support.places import ROOT

SUBPROCESS = frozenset({"run", "call", "check_call", "check_output"})
TAKES_A_DEADLINE = frozenset({"communicate", "urlopen", "create_connection", "getresponse"})
ENDLESS_WITHOUT_ARGUMENTS = frozenset({"wait", "join", "get", "result", "acquire"})
ENDLESS = frozenset({"readline", "readlines"})
BOUNDS_WHAT_IS_IN_IT = frozenset({"wait_for", "timeout", "timeout_at"})


def waits(source: str) -> Iterator[tuple[int, str]]:
    """Yield (line, what) for each call that may wait without end."""
    yield from _waits(ast.parse(source), bounded=False)


def _waits(node: ast.AST, *, bounded: bool) -> Iterator[tuple[int, str]]:
    if isinstance(node, ast.Call):
        name = _name(node.func)
        bounded = bounded or name in BOUNDS_WHAT_IS_IN_IT
        if not bounded and _endless(node, name):
            yield node.lineno, ast.unparse(node.func)
    if isinstance(node, ast.AsyncWith):
        bounded = bounded or any(
            isinstance(one.context_expr, ast.Call) and _name(one.context_expr.func) in BOUNDS_WHAT_IS_IN_IT for one in node.items
        )
    if isinstance(node, ast.For) and isinstance(node.iter, ast.Attribute) and node.iter.attr in {"stdout", "stderr"}:
        yield node.lineno, ast.unparse(node.iter)
    for child in ast.iter_child_nodes(node):
        yield from _waits(child, bounded=bounded)


def _endless(call: ast.Call, name: str) -> bool:
    if any(keyword.arg == "timeout" or keyword.arg is None for keyword in call.keywords):
        return False
    if name in SUBPROCESS:
        return ast.unparse(call.func).startswith("subprocess.")
    if name in ENDLESS:
        return "std" in ast.unparse(call.func)
    return name in TAKES_A_DEADLINE or (name in ENDLESS_WITHOUT_ARGUMENTS and not call.args and not call.keywords)


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""


def test_every_wait_has_a_deadline() -> None:
    tests = ROOT / "tests"
    found = [
        f"{path.relative_to(tests)}:{line}: {what}" for path in sorted(tests.rglob("*.py")) for line, what in waits(path.read_text("utf-8"))
    ]
    assert found == [], "give each a timeout; support/waiting.py has what Python lacks"


def test_whoever_stops_a_process_waits_until_it_stands_still() -> None:
    tests = ROOT / "tests"
    senders = [
        str(path.relative_to(tests))
        for path in sorted(tests.rglob("*.py"))
        if any(isinstance(node, ast.Attribute) and node.attr == "SIGSTOP" for node in ast.walk(ast.parse(path.read_text("utf-8"))))
    ]
    assert senders == ["support/signals.py"], "use stand_still of support/signals.py"


@pytest.mark.parametrize(
    "code",
    [
        "subprocess.run(['true'], check=True)",
        "subprocess.check_output(['true'])",
        "process.wait()",
        "process.communicate()",
        "process.communicate(b'in')",
        "thread.join()",
        "items.get()",
        "future.result()",
        "urllib.request.urlopen(url)",
        "socket.create_connection(address)",
        "process.stdout.readline()",
        "for line in process.stdout: pass",
        "async def f(): await stopped.wait()",
        "async def f(): await items.get()",
    ],
)
def test_a_wait_without_a_deadline_is_found(code: str) -> None:
    assert [line for line, _ in waits(code)] == [1]


@pytest.mark.parametrize(
    "code",
    [
        "subprocess.run(['true'], timeout=60)",
        "process.wait(60)",
        "process.communicate(timeout=60)",
        "thread.join(60)",
        "items.get(timeout=60)",
        "words.get('key')",
        "' '.join(words)",
        "urllib.request.urlopen(url, timeout=60)",
        "asyncio.wait_for(stopped.wait(), 60)",
        "async def f():\n    async with asyncio.timeout(60):\n        await stopped.wait()",
    ],
)
def test_a_wait_with_a_deadline_is_none(code: str) -> None:
    assert list(waits(code)) == []
