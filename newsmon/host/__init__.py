"""The machine under newsmon: the modes of its files, the free space of its disks, the standard error of its processes.

In: settings, directories. Out: what is loose, low or said. May import errors, logs, metrics, paths and settings; no stage.
"""
