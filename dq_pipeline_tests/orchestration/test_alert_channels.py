"""Alerts as they arrive: at a webhook, at Slack's API and in a mailbox, each a real server on this machine."""

import json
import socket
import ssl
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.error import URLError

import dagster as dg
import pytest
from dagster.components.testing import create_defs_folder_sandbox

from dq_pipeline.orchestration.alert_channels import email, slack, webhook
from dq_pipeline.orchestration.check_change import CheckChange
from dq_pipeline.spec.errors import InputError

CHANGE = CheckChange(
    dg.AssetKey(["pets", "images"]),
    "agreement",
    None,
    "failed",
    None,
    "Alpha for <b>é</b>\nis .4.",
    "Calibrate 3 people.",
    "abc",
    1_790_000_000.0,
)


@pytest.fixture
def server():
    """A web server that keeps what it is sent, and says ok as Slack does."""
    received = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            received.append((self.path, dict(self.headers), body))
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(b'{"ok": true}')

        def log_message(self, *_): ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}", received
        running.shutdown()


def test_a_webhook_gets_the_change_as_json(server):
    address, received = server
    webhook(f"{address}/hook", headers={"X-Token": "t"})(CHANGE)
    [(path, headers, body)] = received
    assert (path, headers["X-Token"], headers["Content-Type"]) == ("/hook", "t", "application/json")
    said = json.loads(body)
    assert (said["asset"], said["check"], said["now"], said["run_id"]) == (
        "pets/images",
        "agreement",
        "failed",
        "abc",
    )
    assert said["text"].startswith("Check agreement of pets/images failed at 2026-09-21 14:13:20 UTC: Alpha")


def test_a_webhook_that_is_not_there_or_no_address_is_an_error():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(URLError):
        webhook(f"http://127.0.0.1:{port}")(CHANGE)
    with pytest.raises(InputError, match="file:///etc"):
        webhook("file:///etc/passwd")


def test_slack_gets_it_as_plain_text(server):
    address, received = server
    slack(token="xoxb-1", channel="#data", base_url=f"{address}/api/")(CHANGE)  # noqa: S106 - no one's token
    [(path, headers, body)] = received
    assert path == "/api/chat.postMessage"
    assert headers["Authorization"] == "Bearer xoxb-1"
    said = json.loads(body)
    assert said["channel"] == "#data"
    assert "&lt;b&gt;é&lt;/b&gt;" in said["text"]


def mailbox(folder):
    """An SMTP server over TLS that takes one mail: its port, and what was said to it."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
            "-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(certificate),
        ],
        check=True,
        capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    listening = socket.create_server(("localhost", 0))
    said = []

    def serve():
        plain, _ = listening.accept()
        with context.wrap_socket(plain, server_side=True) as talk, talk.makefile("rwb") as stream:
            answer = lambda line: (stream.write(line + b"\r\n"), stream.flush())  # noqa: E731 - said often
            answer(b"220 localhost")
            mail = False
            for line in iter(stream.readline, b""):
                said.append(line.decode().rstrip("\r\n"))
                if mail:
                    mail = line != b".\r\n"
                    if not mail:
                        answer(b"250 ok")
                elif line.upper().startswith(b"EHLO"):
                    answer(b"250-localhost\r\n250 AUTH PLAIN")
                elif line.upper().startswith(b"AUTH"):
                    answer(b"235 ok")
                elif line.upper().startswith(b"DATA"):
                    mail = True
                    answer(b"354 go on")
                elif line.upper().startswith(b"QUIT"):
                    answer(b"221 bye")
                    break
                else:
                    answer(b"250 ok")
        listening.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    return listening.getsockname()[1], said, certificate, thread


def test_a_mail_arrives_whole(tmp_path, monkeypatch):
    port, said, certificate, thread = mailbox(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    email(sender="dq@example.org", password="p", to=["ana@example.org"], host="localhost", port=port)(CHANGE)  # noqa: S106 - no one's
    thread.join(timeout=10)
    assert "rcpt TO:<ana@example.org>" in said
    assert "Subject: [failed] pets/images:agreement" in said
    body = "\n".join(said)
    assert "Alpha for &lt;b&gt;&#233;&lt;/b&gt;" in body
    assert "Calibrate 3 people." in body


YAML = """
type: dq_pipeline.CheckAlerts
attributes:
  assets: "key:images"
  function: builtins.print
  webhook: {url: "https://example.org/hook"}
  slack: {token: "{{ env.SLACK_TOKEN_OF_TEST }}", channel: "#data"}
  email: {sender: dq@example.org, password: p, to: [ana@example.org]}
"""
DAGSTERS_OWN = pytest.mark.filterwarnings(
    "ignore:`parse_obj_as` is deprecated", "ignore::dagster_shared.utils.warnings.BetaWarning"
)


@DAGSTERS_OWN
def test_the_component_makes_the_sensor(monkeypatch):
    monkeypatch.setenv("SLACK_TOKEN_OF_TEST", "xoxb-2")
    with create_defs_folder_sandbox() as sandbox:
        (sandbox.defs_folder_path / "defs.yaml").write_text(YAML)
        with sandbox.build_all_defs() as defs:
            [sensor] = defs.sensors
            assert (sensor.name, sensor.default_status) == ("check_alerts", dg.DefaultSensorStatus.RUNNING)


@DAGSTERS_OWN
@pytest.mark.parametrize(
    ("attributes", "found"),
    [
        ("{}", "no channel"),
        ("{function: no_such.module}", "no_such"),
        ("{function: builtins.no}", "builtins.no"),
    ],
)
def test_a_component_that_tells_nobody_says_so(attributes, found):
    with create_defs_folder_sandbox() as sandbox:
        (sandbox.defs_folder_path / "defs.yaml").write_text(
            f"type: dq_pipeline.CheckAlerts\nattributes: {attributes}\n"
        )
        with pytest.raises(Exception, match="Error while building") as caught, sandbox.build_all_defs():
            pass
    cause = caught.value
    while not isinstance(cause, InputError):
        cause = cause.__cause__
    assert found in str(cause)
