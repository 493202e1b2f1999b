"""Lists of feeds: feeds found on a website, and feeds imported into a feeds file.

In: an address, or an OPML list. Out: feeds, or a changed feeds file. May import answers, formats, articles, http and
workers.
"""
