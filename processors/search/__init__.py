"""The search for phrases: a text made searchable, the phrases themselves, and one automaton for all of them. Pure.

May import newsmon's text.
"""
