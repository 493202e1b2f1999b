"""The verdict of every theme on one article, with its evidence; and checks of the themes themselves: right, loud, consistent.

In: an article and a ThemeSet. Out: a classification and matches. May import search and themes.
"""
