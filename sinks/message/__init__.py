"""What a message says: webhook bodies, chat text, feeds, acknowledgement links and pages, signatures. Pure.

May import newsmon's records and settings.
"""
