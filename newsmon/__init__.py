"""newsmon, a stream-processing news monitor: what all stages share, and the application that starts them (`newsmon.app`)."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("newsmon")
except PackageNotFoundError:  # a bare checkout on the path, never installed
    __version__ = "0+unknown"
