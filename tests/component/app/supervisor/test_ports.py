"""Ports that somebody else holds are found before a stage starts."""

from __future__ import annotations

import socket

from newsmon.app.supervisor.ports import USUAL_PORTS, choose_metrics_ports, served_ports_in_use
from newsmon.settings import AckSettings, FeedsOutSettings, MonitoringSettings, Settings, WebSubSettings


def test_a_port_to_serve_feeds_or_take_pushes_on_that_somebody_holds_is_a_problem() -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        taken = holder.getsockname()[1]
        settings = Settings(feeds_out=FeedsOutSettings(port=taken), websub=WebSubSettings(port=taken))
        assert [str(one) for one in served_ports_in_use(settings)] == [f"settings:feeds_out.port: port {taken} on 127.0.0.1 is in use"]
        pushed = WebSubSettings(port=taken, callback_url="https://desk.example", secret_env="S")
        both = settings.model_copy(update={"websub": pushed})
        assert [one.where for one in served_ports_in_use(both)] == ["settings:feeds_out.port", "settings:websub.port"]
        links = Settings(ack=AckSettings(public_url="https://news.example", port=taken, secret_env="ANY"))
        assert [one.where for one in served_ports_in_use(links)] == ["settings:ack.port"]
    assert served_ports_in_use(both) == []


def test_metrics_ports_never_collide_and_a_taken_configured_port_is_a_problem() -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        taken = holder.getsockname()[1]
        ports, problems = choose_metrics_ports(MonitoringSettings(store_port=taken, run_port=0))
    assert len(set(ports.values())) == len(USUAL_PORTS)
    assert [problem.where for problem in problems] == ["settings:monitoring.store_port"]
