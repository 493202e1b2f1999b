"""Which words of a database mean that it refuses us, and which only that it cannot answer yet."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import OperationalError

from sinks.database.faults import is_refusal


@pytest.mark.parametrize(
    ("said", "refused"),
    [
        ('connection failed: FATAL:  password authentication failed for user "newsmon"', True),
        ('FATAL:  no pg_hba.conf entry for host "10.0.0.9", user "newsmon", database "newsmon", no encryption', True),
        ('FATAL:  role "newsmon" does not exist', True),
        ("FATAL:  the database system is starting up", False),
        ('FATAL:  database "newsmon" does not exist', False),
        ('connection to server at "db" (10.0.0.9), port 5432 failed: Connection refused', False),
        ("FATAL:  sorry, too many clients already", False),
        ("unable to open database file", False),
    ],
)
def test_a_refusal_is_told_from_a_server_that_is_not_there_yet(said: str, refused: bool) -> None:
    assert is_refusal(OperationalError("SELECT 1", {}, Exception(said))) is refused
