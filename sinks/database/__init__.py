"""The database: engine, tables, migrations, idempotent writes, consumed offsets, and the meaning of its errors.

In: settings, rows. Out: transactions, stored rows, faults. May import: newsmon's ground floor only. Only `dialects` asks whether the
database is SQLite or PostgreSQL.
"""
