"""The systemd unit, the image and the compose file fit the code they start."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from support.places import ROOT

from newsmon.errors import SettingsError
from newsmon.net.listening import USUAL_PORTS
from newsmon.settings import load_settings

DEPLOY = ROOT / "deploy"
UNIT = (DEPLOY / "systemd" / "newsmon.service").read_text("utf-8")
IMAGE = (DEPLOY / "Dockerfile").read_text("utf-8")
TO_JSON = "import json, sys, yaml; json.dump(yaml.safe_load(sys.stdin), sys.stdout)"


def read_yaml(path: Path) -> Any:
    """The document, read by whichever Python here knows YAML: newsmon itself needs none."""
    for python in dict.fromkeys((sys.executable, "/usr/bin/python3", shutil.which("python3") or "")):
        if python and Path(python).exists():
            done = subprocess.run([python, "-Ic", TO_JSON], input=path.read_bytes(), capture_output=True, timeout=180, check=False)
            if done.returncode == 0:
                return json.loads(done.stdout)
            if b"ModuleNotFoundError" not in done.stderr:
                pytest.fail(f"{path.name}: {done.stderr.decode()}")
    pytest.skip("no Python here knows YAML (Debian: python3-yaml)")


def in_unit(key: str) -> list[str]:
    return re.findall(rf"^{key}=(.*)$", UNIT, re.M)


def variables(text: str) -> dict[str, str]:
    return dict(re.findall(r"\b(NEWSMON_[A-Z_]+)=(\S+)", text))


@pytest.mark.parametrize("text", [UNIT, IMAGE], ids=["unit", "image"])
def test_the_ports_that_are_scraped_are_the_ports_that_are_set(text: str) -> None:
    monitoring = load_settings(None, variables(text)).monitoring
    assert {process: getattr(monitoring, f"{process}_port") for process in USUAL_PORTS} == USUAL_PORTS


def test_the_unit_lets_stages_drain_java_compile_and_does_not_repeat_wrong_settings() -> None:
    assert in_unit("KillMode") == ["mixed"]
    assert int(in_unit("TimeoutStopSec")[0]) > 25
    assert in_unit("RestartPreventExitStatus") == [str(SettingsError.exit_code)]
    assert in_unit("MemoryDenyWriteExecute") == []
    assert in_unit("ProcSubset") == []


def test_what_newsmon_keeps_is_private_from_the_first_start() -> None:
    assert in_unit("StateDirectoryMode") == ["0700"], "systemd sets the mode at each start, and 0755 unless told"
    assert re.search(r"mkdir -m 700 /var/lib/newsmon", IMAGE)


def unit_with_a_program_that_exists(directory: Path) -> Path:
    file = directory / "newsmon.service"
    file.write_text(UNIT.replace("/opt/newsmon/bin/newsmon", sys.executable), "utf-8")
    return file


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed (Debian: systemd)")
@pytest.mark.parametrize("check", [["verify"], ["security", "--offline=true", "--threshold=20"]], ids=["verify", "security"])
def test_systemd_accepts_the_unit_and_finds_it_hardened(check: list[str], tmp_path: Path) -> None:
    command = ["systemd-analyze", *check, str(unit_with_a_program_that_exists(tmp_path))]
    done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Unknown key" not in done.stderr


def test_the_image_runs_as_a_number_that_is_not_root_and_installs_only_what_is_locked() -> None:
    users = re.findall(r"^USER (\S+)$", IMAGE, re.M)
    assert [all(int(part) > 0 for part in user.split(":")) for user in users] == [True]
    assert "--require-hashes -r requirements.lock" in IMAGE
    assert all("--require-hashes" in line or "--no-deps" in line for line in IMAGE.splitlines() if "pip install" in line)


def test_the_image_copies_only_what_exists_and_what_the_build_may_see() -> None:
    visible = {line[1:] for line in (DEPLOY / "Dockerfile.dockerignore").read_text("utf-8").splitlines() if line.startswith("!")}
    copied = {name for line in re.findall(r"^COPY (?!--from)(.+) \S+$", IMAGE, re.M) for name in line.split()}
    assert copied == visible
    assert [name for name in copied if not (ROOT / name).exists()] == []


def test_compose_starts_newsmon_with_settings_it_accepts() -> None:
    compose = read_yaml(DEPLOY / "compose.yaml")
    environment = variables(IMAGE) | compose["services"]["newsmon"]["environment"]
    settings = load_settings(None, environment)
    assert not settings.starts_own_kafka
    hosts = {address.rpartition(":")[0] for address in settings.kafka.bootstrap_servers}
    assert hosts <= set(compose["services"])
    assert str(settings.database.url_file) == "/run/secrets/database-url"


def test_compose_names_what_it_defines_and_pins_what_it_pulls() -> None:
    compose = read_yaml(DEPLOY / "compose.yaml")
    named_volumes, secrets = set(), set()
    for name, service in compose["services"].items():
        assert re.search(r":v?\d+\.\d+", service["image"]), name
        assert set(service.get("depends_on", [])) <= set(compose["services"])
        secrets |= set(service.get("secrets", []))
        for volume in service["volumes"]:
            source = volume.split(":")[0]
            if source.startswith("./"):
                assert (DEPLOY / source).exists(), source
            else:
                named_volumes.add(source)
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))
    assert named_volumes == set(compose["volumes"])
    assert secrets == set(compose["secrets"])


def test_grafana_finds_prometheus_and_the_dashboard_where_compose_puts_them() -> None:
    compose = read_yaml(DEPLOY / "compose.yaml")["services"]
    provisioning = DEPLOY / "grafana" / "provisioning"
    source = read_yaml(provisioning / "datasources" / "prometheus.yml")["datasources"][0]
    assert source["url"] == "http://prometheus:9090"
    assert "prometheus" in compose
    folder = read_yaml(provisioning / "dashboards" / "newsmon.yml")["providers"][0]["options"]["path"]
    assert f"./grafana/newsmon.json:{folder}/newsmon.json:ro" in compose["grafana"]["volumes"]
    interval = read_yaml(DEPLOY / "prometheus" / "prometheus.yml")["global"]["scrape_interval"]
    assert source["jsonData"]["timeInterval"] == interval
