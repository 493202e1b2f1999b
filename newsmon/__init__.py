"""newsmon: a stream-processing news monitor (records, Kafka topics, settings and the command line shared by all stages)."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("newsmon")
except PackageNotFoundError:  # a bare checkout on the path, never installed
    __version__ = "0+unknown"
