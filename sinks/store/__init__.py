"""`newsmon store`: turns every topic into rows.

In: all topics. Out: database rows, and the alert feeds it serves if asked. May import: consumer, database, feeds_out.
"""
