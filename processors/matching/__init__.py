"""The verdict of every theme on one article, with its evidence; and how right, loud and consistent themes are. Pure.

In: an article and a ThemeSet. Out: classification and matches. May import search and themes.
"""
