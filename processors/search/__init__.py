"""The search for phrases: a searchable form of a text, the phrases, and one automaton for all of them.

In: texts, phrases as written in theme files. Out: the hits of each list of phrases. May import newsmon's text.
"""
