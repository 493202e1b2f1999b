"""The database: engine, tables, migrations, portable upserts, consumed offsets, and what its errors mean.

May import newsmon only.
"""
