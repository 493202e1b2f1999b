"""How every worker comes to use the same theme set: the directory watched, the topic news.themes read and written.

May import themes, matching and handling.
"""
