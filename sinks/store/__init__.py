"""`newsmon store`: every topic becomes rows.

May import consumer, database and feeds_out.
"""
