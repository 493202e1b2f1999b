"""Article pages, read for feeds with `full_text = true`.

In: pages waiting in feeds' states. Out: texts. May import http, workers, reports, articles and answers.
"""
