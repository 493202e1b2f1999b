"""Article pages are read beside the polls, for feeds with `full_text = true`.

May import http, rounds, articles and answers.
"""
