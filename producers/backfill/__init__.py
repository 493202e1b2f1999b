"""An archive of articles is published to the same topic as live news, and notifies nobody.

May import articles and polling's publisher.
"""
