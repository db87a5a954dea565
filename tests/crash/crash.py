#!/usr/bin/env python3
"""Kills the server under load, again and again, and checks that it kept every promise it had answered.

    ./dev crash [ROUNDS]

A round: several connections sign up, refresh and log out; the server gets SIGKILL at a random moment and is
started again on the same data (in some rounds killed once more while it starts). Then, of everything that was
answered before the kill:
  - every account is there, and its password signs in;
  - every live session answers GET /user and a refresh; where no refresh was under way, the token before the
    current one is still answered with the current one;
  - every session that was logged out is dead, for refresh and access token alike.
What was under way at the kill may have happened or not, but not by halves. In the end the database's own
integrity check must pass. Ends with 1 when a promise was broken. Needs only Python's library.

SIGKILL leaves the kernel's page cache alone: this shows that answers come after the commit and that recovery
is right, not that the disk keeps what fdatasync was promised.
"""
import argparse
import http.client
import json
import random
import shutil
import sqlite3
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

sys.dont_write_bytecode = True  # no __pycache__ between the sources
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bench"))
from latchkey_process import ROOT, Latchkey  # noqa: E402

CLIENTS = 8
LIVE_SESSIONS_EACH = 30
PASSWORD = "violet-harbour-41-kettle"
SETTINGS = {"rate_limit.enabled": "false", "log.level": "warn", "log.requests": "errors",
            # Hashes cost next to nothing here, so that the kills hit the database.
            "session.refresh_grace": "5m",  # longer than a round on a busy machine
            "password.argon2_memory": "8KiB", "password.argon2_iterations": 1, "password.min_score": 0}


class Killed(Exception):
    """The connection ended before the answer was whole."""


class Broken(Exception):
    """A promise of the server was broken."""


@dataclass
class Session:
    uid: str
    access_token: str
    refresh_token: str
    previous_token: str = ""  # the one that refresh_token came for
    in_doubt: str = ""        # the request on it that was under way at a kill


class Caller:
    """A keep-alive connection."""

    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def call(self, method, path, body=None, token=None):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if body is not None:
            headers["Content-Type"], body = "application/json", json.dumps(body)
        try:
            self.connection.request(method, "/auth/v1" + path, body, headers)
            answer = self.connection.getresponse()
            text = answer.read()
            return answer.status, json.loads(text) if text else {}
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise Killed from error


def take_pair(session, answer):
    session.previous_token = session.refresh_token
    session.access_token, session.refresh_token = answer["access_token"], answer["refresh_token"]


class Client:
    """What one client was answered, over all rounds, and what it does with it. One thread at a time."""

    def __init__(self, number):
        self.number, self.random = number, random.Random(number)
        self.made = 0
        self.live, self.ended = [], []
        self.accounts, self.accounts_in_doubt = {}, []  # email → uid; emails
        self.done = Counter()

    # ---- under load

    def work(self, port, broken):
        """Sends requests until the server is gone."""
        caller = Caller(port)
        try:
            while True:
                self.step(caller)
        except Killed:
            pass
        except Broken as error:
            broken.append(f"under load: {error}")

    def step(self, caller):
        action = self.random.choices(("sign up", "refresh", "log out"), (2, 6, 1))[0]
        if len(self.live) < 3:
            action = "sign up"
        if len(self.live) > LIVE_SESSIONS_EACH:
            action = "log out"
        {"sign up": self.sign_up, "refresh": self.refresh, "log out": self.log_out}[action](caller)

    def sign_up(self, caller):
        self.made += 1
        email = f"client{self.number}-{self.made}@example.com"
        self.accounts_in_doubt.append(email)
        status, answer = caller.call("POST", "/signup", {"email": email, "password": PASSWORD})
        self.accounts_in_doubt.pop()
        if self.went_well("sign up", status, answer, 200):
            self.accounts[email] = answer["uid"]
            self.live.append(Session(answer["uid"], answer["access_token"], answer["refresh_token"]))

    def refresh(self, caller):
        session = self.random.choice(self.live)
        session.in_doubt = "refresh"
        status, answer = caller.call("POST", "/refresh", {"refresh_token": session.refresh_token})
        session.in_doubt = ""
        if self.went_well("refresh", status, answer, 200):
            take_pair(session, answer)

    def log_out(self, caller):
        session = self.random.choice(self.live)
        session.in_doubt = "log out"
        status, answer = caller.call("POST", "/logout?scope=local", token=session.access_token)
        session.in_doubt = ""
        if self.went_well("log out", status, answer, 204):
            self.live.remove(session)
            self.ended.append(session)

    def went_well(self, action, status, answer, good):
        if status == 503:  # nothing was changed
            self.done["refused"] += 1
            return False
        if status != good:
            raise Broken(f"{action} was answered {status} {answer.get('code')}")
        self.done[action] += 1
        return True

    # ---- after the restart

    def check(self, port, broken):
        caller = Caller(port)
        try:
            for check in (self.check_accounts, self.check_live, self.check_ended):
                for error in check(caller):
                    broken.append(f"client {self.number}: {error}")
        except Killed as error:
            broken.append(f"client {self.number}: the server broke the connection: {error.__cause__!r}")

    def check_accounts(self, caller):
        """Those of this round."""
        for email in self.accounts_in_doubt:
            status, answer = caller.call("POST", "/signup", {"email": email, "password": PASSWORD})
            if status == 200:
                self.done["signed up again"] += 1
            elif answer.get("code") != "user_already_exists":
                yield f"the second sign-up of {email} was answered {status} {answer.get('code')}"
            else:
                status, answer = caller.call("POST", "/login", {"email": email, "password": PASSWORD})
                if status != 200:
                    yield f"{email} was made by halves: {status} {answer.get('code')}"
        for email, uid in self.accounts.items():
            status, answer = caller.call("POST", "/login", {"email": email, "password": PASSWORD})
            if status != 200 or answer["uid"] != uid:
                yield f"the sign-up of {email} was lost: {status} {answer.get('code')}"
            self.done["accounts checked"] += 1
        self.accounts_in_doubt, self.accounts = [], {}

    def check_live(self, caller):
        for session in list(self.live):
            self.done["live sessions checked"] += 1
            doubt, session.in_doubt = session.in_doubt, ""
            status, answer = caller.call("GET", "/user", token=session.access_token)
            if doubt == "log out" and status == 401:  # it did happen
                self.live.remove(session)
                self.ended.append(session)
                continue
            if status != 200 or answer["id"] != session.uid:
                yield f"an access token stopped working (in doubt: {doubt or 'nothing'}): {status} {answer.get('code')}"
            if session.previous_token and not doubt:
                status, answer = caller.call("POST", "/refresh", {"refresh_token": session.previous_token})
                if status != 200 or answer["refresh_token"] != session.refresh_token:
                    yield f"a refresh was lost, its token is not the current one: {status} {answer.get('code')}"
            status, answer = caller.call("POST", "/refresh", {"refresh_token": session.refresh_token})
            if status != 200 or answer["uid"] != session.uid:
                yield f"a session broke (in doubt: {doubt or 'nothing'}): {status} {answer.get('code')}"
                self.live.remove(session)
            else:
                take_pair(session, answer)

    def check_ended(self, caller):
        for session in self.ended:
            self.done["ended sessions checked"] += 1
            status, answer = caller.call("POST", "/refresh", {"refresh_token": session.refresh_token})
            if status != 400 or answer["code"] not in ("refresh_token_not_found", "session_expired"):
                yield f"a logged-out session was refreshed: {status} {answer.get('code')}"
            status, answer = caller.call("GET", "/user", token=session.access_token)
            if status != 401 or answer["code"] != "session_not_found":
                yield f"a logged-out access token was answered {status} {answer.get('code')}"
        # Some are kept, to be checked again after later kills.
        self.ended = self.ended[-10:]


def in_parallel(clients, action, *arguments, meanwhile=lambda: None):
    threads = [threading.Thread(target=getattr(client, action), args=arguments) for client in clients]
    for thread in threads:
        thread.start()
    meanwhile()
    for thread in threads:
        thread.join()


def run(binary, folder, rounds, seed):
    source = random.Random(seed)
    server = Latchkey(binary, folder / "data", SETTINGS)
    clients = [Client(number) for number in range(CLIENTS)]
    broken, kills, restarts_ms = [], 0, []
    server.start()
    for number in range(1, rounds + 1):
        def kill_soon():
            time.sleep(source.uniform(0.1, 0.6))
            server.kill()

        in_parallel(clients, "work", server.port, broken, meanwhile=kill_soon)
        kills += 1
        if source.random() < 0.3:
            server.spawn()
            time.sleep(source.uniform(0, 0.03))
            server.kill()
            kills += 1
        begin = time.perf_counter()
        server.start()
        restarts_ms.append((time.perf_counter() - begin) * 1000)
        in_parallel(clients, "check", server.port, broken)
        if broken:
            print(f"round {number}:", *broken[:20], sep="\n  ", file=sys.stderr)
            break
    server.stop()
    with sqlite3.connect(folder / "data" / "latchkey.db") as database:
        integrity = [row[0] for row in database.execute("PRAGMA integrity_check")]
    if integrity != ["ok"]:
        broken.append(f"the database is damaged: {integrity[:3]}")
        print(broken[-1], file=sys.stderr)
    counts = sum((client.done for client in clients), Counter())
    print(f"{kills} kills in {number} rounds (slowest restart {max(restarts_ms):.0f} ms); "
          + ", ".join(f"{name}: {count}" for name, count in sorted(counts.items()))
          + f"; broken promises: {len(broken)}")
    return not broken


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rounds", type=int, nargs="?", default=50)
    parser.add_argument("--binary", default=ROOT / "build" / "release" / "latchkey")
    parser.add_argument("--seed", type=int, default=None, help="of the moments of the kills")
    arguments = parser.parse_args()
    seed = random.randrange(10**6) if arguments.seed is None else arguments.seed
    print(f"seed {seed}")
    folder = Path(tempfile.mkdtemp(prefix="latchkey-crash-"))
    good = run(arguments.binary, folder, arguments.rounds, seed)
    if good:
        shutil.rmtree(folder)
    else:
        print(f"the data is kept in {folder}", file=sys.stderr)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
