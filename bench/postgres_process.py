"""Starts and stops a PostgreSQL of Debian's package for the benchmarks. Needs only Python's library."""
import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

PROGRAMS = Path("/usr/lib/postgresql/15/bin")
START_SECONDS = 30
# As docs/operations/postgresql.md says for a small machine; commits are on disk when they return, which is the default.
SETTINGS = {"listen_addresses": "", "shared_buffers": "512MB", "max_wal_size": "2GB", "max_connections": "100",
            "checkpoint_timeout": "15min", "logging_collector": "off"}


class Postgres:
    """A server on a Unix socket, in a temporary folder on a disk. As a context manager it is stopped and removed at the
    end. PostgreSQL refuses to run as root, so there it runs as Debian's user postgres."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="latchkey-bench-", dir="/var/tmp"))
        self.user = pwd.getpwnam("postgres") if os.getuid() == 0 else None
        self.process = None

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGINT)  # "fast": ends all sessions
        self.process.wait(60)
        shutil.rmtree(self.folder)

    def start(self):
        if self.user:
            os.chown(self.folder, self.user.pw_uid, self.user.pw_gid)
        self.run("initdb", "--pgdata", self.folder / "data", "--username", "latchkey", "--auth", "trust", "--encoding", "UTF8",
                 "--locale", "C", "--no-instructions")
        settings = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
        self.process = subprocess.Popen(
            self.as_its_user(PROGRAMS / "postgres", "-D", self.folder / "data", "-k", self.folder, *settings),
            stdout=subprocess.DEVNULL, stderr=open(self.folder / "log", "wb"), cwd="/", start_new_session=True)
        deadline = time.monotonic() + START_SECONDS
        while subprocess.run([PROGRAMS / "pg_isready", "--quiet", "--host", self.folder]).returncode != 0:
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"bench: postgres did not start\n{(self.folder / 'log').read_text()}")
            time.sleep(0.02)

    def as_its_user(self, *command):
        command = [str(part) for part in command]
        if not self.user:
            return command
        return ["setpriv", f"--reuid={self.user.pw_uid}", f"--regid={self.user.pw_gid}", "--clear-groups", *command]

    def run(self, program, *arguments):
        done = subprocess.run(self.as_its_user(PROGRAMS / program, *arguments), capture_output=True, text=True, cwd="/")
        if done.returncode != 0:
            raise SystemExit(f"bench: {program}\n{done.stdout}{done.stderr}")
        return done.stdout

    def query(self, database, *statements):
        commands = [part for statement in statements for part in ("--command", statement)]
        return self.run("psql", "--host", self.folder, "--username", "latchkey", "--no-psqlrc", "--quiet", "--tuples-only",
                        "--no-align", "--set", "ON_ERROR_STOP=1", "--dbname", database, *commands).strip()

    def make_database(self, name):
        """An empty one; its address."""
        self.query("postgres", f'CREATE DATABASE "{name}"')
        return f"postgres://latchkey@/{name}?host={self.folder}"

    def pgbench(self, database, script, seconds, clients):
        """Transactions a second of `script`, prepared, by so many clients in closed loops."""
        file = self.folder / "pgbench.sql"
        file.write_text(script)
        text = self.run("pgbench", "--host", self.folder, "--username", "latchkey", "--no-vacuum", "--protocol", "prepared",
                        "--client", str(clients), "--time", str(max(1, round(seconds))), "--file", file, database)
        return float(re.search(r"^tps = ([\d.]+)", text, re.M).group(1))
