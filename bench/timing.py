"""Whether the time of a refused login tells what kind of account was tried.

Logins that must be refused alike are sent one after the other over one connection, their kinds in random order,
so that whatever disturbs the machine disturbs all kinds alike. Each kind's times are compared with those of a
wrong password for an existing account.
"""
import json
import random
import socket
import statistics
import tempfile
import time
from pathlib import Path

from statistics_of_two import mann_whitney_p, median_difference_interval, superiority

# Alike means: no more than this share of a login's time between the medians, and no difference that a rank test
# would find in one of a thousand such runs by chance.
LARGEST_DIFFERENCE = 0.02
SIGNIFICANCE = 0.001

RIGHT, WRONG = "violet-harbour-41-kettle", "violet-harbour-41-kettle?"
LOCKED_ACCOUNTS = 20
FAILURES_THAT_LOCK = 10

# kind → the address of its n-th sample and the password that is tried
KINDS = {
    "existing": (lambda n: f"user{n:07}@example.com", WRONG),
    "missing": (lambda n: f"none{n:07}@example.com", WRONG),
    "without password": (lambda n: f"bare{n:07}@example.com", WRONG),
    "locked, right password": (lambda n: f"lock{n % LOCKED_ACCOUNTS:07}@example.com", RIGHT),
    "banned": (lambda n: f"bans{n:07}@example.com", WRONG),
}
BASELINE = "existing"


class Caller:
    """One keep-alive connection that logs in."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def login(self, email, password):
        """Seconds until the answer was whole, its status, headers and JSON."""
        body = json.dumps({"email": email, "password": password}).encode()
        request = (b"POST /auth/v1/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                   b"Content-Length: %d\r\n\r\n" % len(body)) + body
        begin = time.perf_counter()
        self.socket.sendall(request)
        answer = self.socket.recv(65536)
        seconds = time.perf_counter() - begin
        head, _, text = answer.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        headers = {line.split(":")[0].lower(): line.split(":", 1)[1].strip() for line in lines[1:]}
        while len(text) < int(headers["content-length"]):
            text += self.socket.recv(65536)
        return seconds, int(lines[0].split()[1]), headers, json.loads(text)


def run(bench, samples):
    # A disk's own times would only hide differences: the database is kept in memory where that is possible.
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else bench.folder) as folder:
        bench.folder = Path(folder)
        data, _ = bench.seed("timing", samples, without_password=samples, banned=samples, to_lock=LOCKED_ACCOUNTS)
        with bench.server(data, lockout__address_threshold=0, lockout__first_lock="1h", lockout__longest_lock="1h") as server:
            return compare(Caller(server.port), samples)


def compare(caller, samples):
    for n in range(LOCKED_ACCOUNTS):
        for _ in range(FAILURES_THAT_LOCK):
            caller.login(KINDS["locked, right password"][0](n), WRONG)
    order = random.Random(20)
    times, answers = {kind: [] for kind in KINDS}, {kind: set() for kind in KINDS}
    for n in range(-10, samples):  # the first ones warm up
        for kind in order.sample(list(KINDS), len(KINDS)):
            address, password = KINDS[kind]
            seconds, status, headers, body = caller.login(address(n % samples), password)
            if n < 0:
                continue
            times[kind].append(seconds)
            # The id of the request varies, in length too; nothing else may.
            headers["content-length"] = int(headers["content-length"]) - len(body.pop("request_id"))
            varying = {"date", "x-request-id"}
            answers[kind].add(json.dumps([status, {k: v for k, v in headers.items() if k not in varying}, body]))
    base = times[BASELINE]
    login = statistics.median(base)
    kinds = {}
    for kind in KINDS:
        low, high = median_difference_interval(times[kind], base)
        kinds[kind] = {"median_ms": statistics.median(times[kind]) * 1000,
                       "difference": (statistics.median(times[kind]) - login) / login,
                       "difference_99_percent_interval": [low / login, high / login],
                       "superiority": superiority(times[kind], base),
                       "p": mann_whitney_p(times[kind], base),
                       "same_answer": answers[kind] == answers[BASELINE] and len(answers[kind]) == 1}
    alike = all(k["same_answer"] and abs(k["difference"]) < LARGEST_DIFFERENCE and k["p"] >= SIGNIFICANCE
                for name, k in kinds.items() if name != BASELINE)
    return {"samples": samples, "alike": alike, "kinds": kinds, "answers": {k: sorted(v) for k, v in answers.items()}}


def describe(report):
    lines = [f"{report['samples']} refused logins of each kind, against those of an existing account:", "",
             "| account | median | difference (99 % interval) | P(slower) | p (Mann-Whitney) | same answer |",
             "| --- | --- | --- | --- | --- | --- |"]
    for kind, k in report["kinds"].items():
        low, high = k["difference_99_percent_interval"]
        lines.append(f"| {kind} | {k['median_ms']:.2f} ms | {100 * k['difference']:+.2f} % ({100 * low:+.2f} to "
                     f"{100 * high:+.2f}) | {k['superiority']:.3f} | {k['p']:.3f} | {'yes' if k['same_answer'] else 'NO'} |")
    lines += ["", f"alike (difference below {100 * LARGEST_DIFFERENCE:.0f} %, p at least {SIGNIFICANCE}, same answer): "
              f"{'yes' if report['alike'] else 'NO'}"]
    return "\n".join(lines)
