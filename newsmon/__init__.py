"""newsmon: a stream-processing news monitor.

Two floors. The ground floor is what every stage stands on: records, topics, settings, kafka, net, text, codec, ids, errors, metrics,
logs, paths, quarantine; it never imports a stage (producers, processors, sinks). The top floor, newsmon.app, starts the stages:
command line, demo and supervisor; no stage imports it.
"""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("newsmon")
except PackageNotFoundError:  # a checkout that was never installed
    __version__ = "0+unknown"
