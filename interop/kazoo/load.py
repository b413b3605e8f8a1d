"""Write load of kazoo clients, for ensembles whose servers are killed and replaced during the load.

usage: load.py HOSTS WRITERS; ends when its input is closed. It prints JSON lines: {"acked": n, "failed": n} during the
load, and {"report": {...}} at the end.

Each writer has a session with an ephemeral, and creates its own nodes one after the other. Every server also has a
watchman: a session that connects only to that server and always checks that all ephemerals exist.
"""

import json
import logging
import sys
import threading
import time

from kazoo.client import KazooClient
from kazoo.exceptions import KazooException, NodeExistsError
from kazoo.handlers.threading import KazooTimeoutError
from kazoo.protocol.states import KazooState

SESSION_TIMEOUT_S = 40
PAUSE_S = 0.02
CALL_LIMIT_S = 30

stopping = threading.Event()
logging.basicConfig(level=logging.CRITICAL)


class Actor(threading.Thread):
    """A thread with a client that must keep its session."""

    def __init__(self, name, hosts):
        super().__init__(daemon=True)
        self.name = name
        self.problems = []
        retry = dict(max_tries=-1, delay=0.1, backoff=1, max_delay=0.2)
        self.client = KazooClient(hosts, timeout=SESSION_TIMEOUT_S, connection_retry=retry)
        self.client.add_listener(self.listen)
        self.client.start(timeout=60)
        self.session = self.client.client_id[0]

    def listen(self, state):
        if state == KazooState.LOST and not stopping.is_set():
            self.problem("the session is lost")

    def problem(self, text):
        if len(self.problems) < 20:
            self.problems.append("%s: %s" % (self.name, text))

    def run(self):
        while not stopping.is_set():
            try:
                self.step()
                time.sleep(PAUSE_S)
            except (KazooException, KazooTimeoutError) as error:
                self.failed(error)
                time.sleep(0.05)
            except Exception as error:  # the end of this thread must not look like silence
                self.problem("ended with %r" % error)
                return

    def call(self, method, *arguments, **options):
        return getattr(self.client, method + "_async")(*arguments, **options).get(timeout=CALL_LIMIT_S)

    def failed(self, error):
        pass

    def finish(self):
        self.join(60)
        if self.is_alive():
            self.problem("does not end")
        id_now = self.client.client_id and self.client.client_id[0]
        if id_now != self.session:
            self.problem("session 0x%x has become %s" % (self.session, id_now and hex(id_now)))


class Writer(Actor):
    def __init__(self, number, hosts):
        super().__init__("writer %d" % number, hosts)
        self.base = "/load/%x" % self.session
        self.client.create(self.base, b"0", makepath=True)
        self.ephemeral = "/ephemerals/%d" % number
        self.client.create(self.ephemeral, b"", ephemeral=True, makepath=True)
        self.next = 1
        self.acked = []
        self.failures = []
        self.counter = 0
        self.last_s = None
        self.longest_gap_s = 0.0

    def step(self):
        number = self.next
        self.next += 1
        text = str(number).encode()
        self.call("create", "%s/%d" % (self.base, number), text)
        self.acked.append(number)
        now_s = time.monotonic()
        if self.last_s is not None:
            self.longest_gap_s = max(self.longest_gap_s, now_s - self.last_s)
        self.last_s = now_s
        if number % 4 == 0:
            self.call("set", self.base, text)
            self.counter = number
        if number % 2 == 0 and len(self.acked) > 1:
            # a session reads its own acknowledged writes, whichever server it is connected to
            before = self.acked[-2]
            if self.call("exists", "%s/%d" % (self.base, before)) is None:
                self.problem("does not read its own write %d" % before)

    def failed(self, error):
        if isinstance(error, NodeExistsError):
            self.problem("node %d was there already" % (self.next - 1))
        self.failures.append("%s %s %d: %r" % (time.strftime("%H:%M:%S"), self.name, self.next - 1, error))


class Watchman(Actor):
    def __init__(self, number, host, owners):
        super().__init__("watchman of %s" % host, host)
        self.owners = owners
        self.created = {}
        self.looks = 0
        self.client.ChildrenWatch("/ephemerals", self.changed)

    def changed(self, children):
        self.compare(children)

    def step(self):
        self.call("sync", "/ephemerals")
        self.compare(self.call("get_children", "/ephemerals"))
        for path, owner in self.owners.items():
            stat = self.call("exists", path)
            if stat is None:
                self.problem("%s is not there" % path)
            elif stat.ephemeralOwner != owner or self.created.setdefault(path, stat.czxid) != stat.czxid:
                self.problem("%s was made anew" % path)
        self.looks += 1
        time.sleep(0.1)

    def compare(self, children):
        names = {path.rsplit("/", 1)[1] for path in self.owners}
        if not stopping.is_set() and set(children) != names:
            self.problem("ephemerals are %s" % sorted(children))


def say(item):
    sys.stdout.write(json.dumps(item) + "\n")
    sys.stdout.flush()


def tell_progress(writers, watchmen):
    while not stopping.wait(0.1):
        acked = [len(writer.acked) for writer in writers]
        say({"acked": sum(acked), "least": min(acked), "looks": min(watchman.looks for watchman in watchmen)})


def main():
    hosts, count = sys.argv[1], int(sys.argv[2])
    writers = [Writer(number, hosts) for number in range(count)]
    owners = {writer.ephemeral: writer.session for writer in writers}
    watchmen = [Watchman(number, host, owners) for number, host in enumerate(hosts.split(","))]
    actors = writers + watchmen
    for actor in actors:
        actor.start()
    threading.Thread(target=tell_progress, args=(writers, watchmen), daemon=True).start()
    sys.stdin.read()
    stopping.set()
    for actor in actors:
        actor.finish()
    report = {
        "acknowledged": {writer.base: writer.acked for writer in writers},
        "counters": {writer.base: writer.counter for writer in writers},
        "failures": [failure for writer in writers for failure in writer.failures],
        "longestGapS": max(writer.longest_gap_s for writer in writers),
        "looks": [watchman.looks for watchman in watchmen],
        "problems": [problem for actor in actors for problem in actor.problems],
        "sessions": {actor.name: hex(actor.session) for actor in actors},
    }
    say({"report": report})
    for actor in actors:
        actor.client.stop()


main()
