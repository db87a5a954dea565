"""Starts and stops a Latchkey server for the benchmarks and the crash test. Needs only Python's library."""
import re
import signal
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ADDRESS = re.compile(rb"http://127\.0\.0\.1:(\d+)")
START_SECONDS = 30


class ServerFailed(Exception):
    """The server did not start, or ended too early; the text holds the end of its log."""


class Latchkey:
    """One `latchkey serve` on a free port of 127.0.0.1. As a context manager it is stopped at the end."""

    def __init__(self, binary, data, settings=None):
        self.binary, self.data, self.settings = Path(binary), Path(data), dict(settings or {})
        self.process, self.port = None, None
        self.log = self.data.parent / (self.data.name + ".log")

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.kill() if self.process and self.process.poll() is not None else self.stop()

    @property
    def pid(self):
        return self.process.pid

    def command(self, port=0):
        command = [str(self.binary), "serve", "--listen", f"127.0.0.1:{port}", "--data", str(self.data)]
        for name, value in self.settings.items():
            command += ["--set", f"{name}={value}"]
        return command

    def spawn(self, port=0):
        """Starts the process without waiting for it."""
        with open(self.log, "ab") as log:
            self.log_begin = log.tell()
            self.process = subprocess.Popen(self.command(port), stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def start(self):
        """Starts the process; returns when it has answered a first request."""
        self.spawn()
        deadline = time.monotonic() + START_SECONDS
        self.port = None
        while not (self.port and answers(self.port)):
            if self.process.poll() is not None:
                raise ServerFailed(f"the server ended with {self.process.returncode}:\n{self.log_text()[-2000:]}")
            if time.monotonic() > deadline:
                self.kill()
                raise ServerFailed(f"the server did not start:\n{self.log_text()[-2000:]}")
            time.sleep(0.002)
            if self.port is None and (found := ADDRESS.search(self.log_bytes())):
                self.port = int(found.group(1))
        return self

    def log_bytes(self):
        with open(self.log, "rb") as log:
            log.seek(self.log_begin)
            return log.read()

    def log_text(self):
        return self.log_bytes().decode(errors="replace")

    def stop(self):
        """Ends the process as a service manager would; what it was doing is finished first."""
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.kill()
            raise ServerFailed("the server did not end within 30 s of SIGTERM") from None
        if code != 0:
            raise ServerFailed(f"the server ended with {code}:\n{self.log_text()[-2000:]}")

    def kill(self):
        """Ends the process as a power cut would end it, but that the kernel keeps what was written."""
        self.process.kill()
        self.process.wait()


def answers(port, path="/healthz"):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]
