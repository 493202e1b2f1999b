"""`sinks.channels.apprise_child` on a machine whose resolver knows the vendors' hosts as stand-ins: `python apprise_child.py HOST=PORT...`.

Several plug-ins have their vendor's host written into them. Their own requests, over the guard and all, go to plain HTTP on
loopback here instead of TLS to the vendor, and without pauses between messages; nothing else of the child is different.
"""

from __future__ import annotations

import sys
from urllib.parse import urlsplit, urlunsplit

import requests
from apprise import NotifyBase

from sinks.channels.apprise_child import main


def send_to(ports: dict[str, int]) -> None:
    """From now on the vendors' hosts are at these ports of loopback."""
    real_send = requests.adapters.HTTPAdapter.send

    def send(self, request, **options):
        parts = urlsplit(request.url)
        if parts.hostname in ports:
            request.url = urlunsplit(("http", f"127.0.0.1:{ports[parts.hostname]}", parts.path, parts.query, ""))
            request.headers["Host"] = parts.hostname
        return real_send(self, request, **options)

    requests.adapters.HTTPAdapter.send = send


if __name__ == "__main__":
    send_to({host: int(port) for host, port in (argument.split("=") for argument in sys.argv[1:])})
    NotifyBase.throttle = lambda self, last_io=None, wait=None: None  # the pauses between messages are Apprise's own
    sys.exit(main())
