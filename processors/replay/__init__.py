"""The past decided again with other themes. Pure.

In: articles and two theme sets. Out: what was gained and lost. May import the pure rooms and handling's protocol.
"""
