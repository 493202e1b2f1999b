"""TLS and SASL against a real broker with a secured listener: every mechanism, both client libraries, and what a refusal says."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from kafka.admin import ScramMechanism, UserScramCredentialUpsertion

from newsmon.errors import DependencyError
from newsmon.kafka.admin import ensure_topics
from newsmon.kafka.broker.config import jvm_command, server_properties
from newsmon.kafka.broker.files import BrokerFiles, LogMark, ensure_formatted, log_tail, write_configuration
from newsmon.kafka.broker.jars import ensure_jars
from newsmon.kafka.broker.jre import java_path
from newsmon.kafka.clients import aio_consumer_config, aio_producer_config
from newsmon.kafka.connect import admin_client, open_consumer, open_producer
from newsmon.kafka.ports import BrokerPorts, choose_ports
from newsmon.kafka.probe import Answer, probe
from newsmon.settings import KafkaSettings, Settings
from newsmon.topics import QUARANTINE

USER, PASSWORD = "newsmon", "corr3ct-horse"
MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")


@dataclass(frozen=True)
class SecureBroker:
    plain_address: str
    address: str
    ca_file: Path

    def settings(self, mechanism: str, **changes: object) -> Settings:
        kafka = {
            "bootstrap_servers": (self.address,),
            "security_protocol": "SASL_SSL",
            "sasl_mechanism": mechanism,
            "sasl_username": USER,
            "sasl_password": PASSWORD,
            "ssl_ca_file": self.ca_file,
        }
        return Settings(kafka=KafkaSettings.model_validate(kafka | changes))


def make_certificate(directory: Path, name: str) -> tuple[Path, Path]:
    """Return a key store and, in PEM, the certificate in it: self-signed, for 127.0.0.1."""
    store, pem = directory / f"{name}.p12", directory / f"{name}.pem"
    keytool = [
        str(java_path().with_name("keytool")),
        "-keystore",
        str(store),
        "-storetype",
        "PKCS12",
        "-storepass",
        "changeit",
        "-alias",
        "b",
    ]
    make = ["-genkeypair", "-keyalg", "EC", "-dname", f"CN={name}", "-ext", "san=ip:127.0.0.1", "-validity", "2"]
    for arguments in (make, ["-exportcert", "-rfc", "-file", str(pem)]):
        subprocess.run([*keytool, *arguments], check=True, capture_output=True, timeout=120)
    return store, pem


def secured(properties: str, store: Path, secure_port: int) -> str:
    settings = dict(line.split("=", 1) for line in properties.splitlines())
    listener = f"SECURE://127.0.0.1:{secure_port}"
    settings |= {
        "listeners": f"{settings['listeners']},{listener}",
        "advertised.listeners": f"{settings['advertised.listeners']},{listener}",
        "listener.security.protocol.map": f"{settings['listener.security.protocol.map']},SECURE:SASL_SSL",
        "sasl.enabled.mechanisms": ",".join(MECHANISMS),
        "ssl.keystore.location": str(store),
        "ssl.keystore.type": "PKCS12",
        "ssl.keystore.password": "changeit",
        "listener.name.secure.plain.sasl.jaas.config": (
            f'org.apache.kafka.common.security.plain.PlainLoginModule required user_{USER}="{PASSWORD}";'
        ),
    }
    for mechanism in ("scram-sha-256", "scram-sha-512"):
        settings[f"listener.name.secure.{mechanism}.sasl.jaas.config"] = "org.apache.kafka.common.security.scram.ScramLoginModule required;"
    return "".join(f"{key}={value}\n" for key, value in settings.items())


def spawned(command: list[str], directory: Path, output: Path) -> subprocess.Popen[bytes]:
    with output.open("wb") as said:
        return subprocess.Popen(command, cwd=directory, stdout=said, stderr=subprocess.STDOUT)


def started(directory: Path, store: Path, *, attempts_left: int) -> tuple[subprocess.Popen[bytes], BrokerPorts, int]:
    """A broker that answers, and its ports; tried with others when somebody took one meanwhile."""
    files, jars, java, ports = BrokerFiles(directory), ensure_jars(), java_path(), choose_ports(None)
    secure_port = choose_ports(None).client
    write_configuration(files, ports)
    ensure_formatted(files, java, jars, spawn=lambda command, output: spawned(command, directory, output), give_up=lambda: False)
    files.server_properties.write_text(secured(server_properties(ports), store, secure_port))
    command = [*jvm_command(java, jars, heap_mb=256), "kafka.Kafka", files.server_properties.name]
    process = spawned(command, directory, files.stdout)
    deadline = time.monotonic() + 300
    while probe("127.0.0.1", ports.client).answer is not Answer.READY:
        if process.poll() is not None and attempts_left > 1:
            return started(directory, store, attempts_left=attempts_left - 1)
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            process.wait(60)
            pytest.fail(log_tail(files, LogMark(0, 0)))
        time.sleep(0.1)
    return process, ports, secure_port


@pytest.fixture(scope="module")
def secure_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecureBroker]:
    directory = tmp_path_factory.mktemp("secure-kafka")
    store, pem = make_certificate(directory, "broker")
    process, ports, secure_port = started(directory, store, attempts_left=3)
    try:
        made = SecureBroker(f"127.0.0.1:{ports.client}", f"127.0.0.1:{secure_port}", pem)
        prepare(made)
        yield made
    finally:
        process.terminate()
        process.wait(120)


def prepare(broker: SecureBroker) -> None:
    """Create the SCRAM user and a topic, through the listener without security."""
    plain = Settings(kafka=KafkaSettings(bootstrap_servers=(broker.plain_address,)))
    with admin_client(plain) as admin:
        for mechanism in (ScramMechanism.SCRAM_SHA_256, ScramMechanism.SCRAM_SHA_512):
            admin.alter_user_scram_credentials([UserScramCredentialUpsertion(USER, mechanism, PASSWORD.encode(), iterations=4096)])
    ensure_topics(plain, [QUARANTINE])


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_kafka_python_writes_and_reads_with_every_mechanism(secure_broker: SecureBroker, mechanism: str) -> None:
    settings, value = secure_broker.settings(mechanism), f"sync {mechanism}".encode()
    producer = open_producer(settings, client_id="test")
    producer.send(QUARANTINE.named(), value=value).get(timeout=90)
    producer.close()
    consumer = open_consumer(settings, client_id="test", group=f"sync-{mechanism}")
    consumer.subscribe([QUARANTINE.named()])
    seen: set[bytes] = set()
    while value not in seen:
        seen |= {record.value for records in consumer.poll(timeout_ms=1000).values() for record in records}
    consumer.close()


@pytest.mark.parametrize("mechanism", MECHANISMS)
async def test_aiokafka_writes_and_reads_with_every_mechanism(secure_broker: SecureBroker, mechanism: str) -> None:
    settings, value = secure_broker.settings(mechanism), f"async {mechanism}".encode()
    async with AIOKafkaProducer(**aio_producer_config(settings, client_id="test")) as producer:
        await producer.send_and_wait(QUARANTINE.named(), value=value)
    group = f"async-{mechanism}"
    async with AIOKafkaConsumer(QUARANTINE.named(), **aio_consumer_config(settings, client_id="test", group=group)) as consumer:
        async for record in consumer:
            if record.value == value:
                break


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_wrong_password_is_told_with_what_to_check_and_not_itself(secure_broker: SecureBroker, mechanism: str) -> None:
    settings = secure_broker.settings(mechanism, sasl_password="wr0ng-horse")
    with (
        pytest.raises(DependencyError, match=r"Check kafka\.sasl_username, its password") as refused,
        admin_client(settings, timeout_ms=5000),
    ):
        pytest.fail("let in with a wrong password")
    assert "wr0ng" not in str(refused.value)


def test_certificate_of_somebody_else_is_not_accepted(secure_broker: SecureBroker, tmp_path: Path) -> None:
    _, other = make_certificate(tmp_path, "stranger")
    settings = secure_broker.settings("PLAIN", ssl_ca_file=other)
    with pytest.raises(DependencyError, match="certificate"), admin_client(settings, timeout_ms=10_000):
        pytest.fail("trusted a certificate nobody vouched for")
