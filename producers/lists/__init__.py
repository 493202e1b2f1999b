"""Lists of feeds: found behind a page's address, and added to a feeds file.

May import formats, articles, http and polling's parser.
"""
