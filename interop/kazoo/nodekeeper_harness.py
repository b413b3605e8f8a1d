"""A pytest plugin that runs kazoo's own tests against any ZooKeeper server.

It replaces the module in which kazoo starts Java servers, so that its tests run unchanged. Environment:

KAZOO_SERVER_COMMAND  JSON list of words; the path of zoo.cfg is appended
KAZOO_SERVER_LOG      file to which all servers append their output
KAZOO_LEFT_OUT        left-out.json: test name -> reason
KAZOO_ENSEMBLE_TESTS  ensemble-tests.json: names of tests that get an ensemble of three servers
KAZOO_SERVERS         number of servers for all other tests
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import types

import pytest

COMMAND = json.loads(os.environ["KAZOO_SERVER_COMMAND"])
LOG_PATH = os.environ["KAZOO_SERVER_LOG"]
DEFAULT_SIZE = os.environ["KAZOO_SERVERS"]
ENSEMBLE_SIZE = "3"
START_LIMIT_S = 60


class Server:
    """One server with its own directory, and the methods that kazoo's tests call."""

    def __init__(self, server_id, port, configuration_entries):
        self.server_id = server_id
        self.client_port = port
        self.address = "127.0.0.1:%d" % port
        self.working_path = tempfile.mkdtemp(prefix="kazoo-server-")
        self.running = False
        self._process = None
        self._configuration = list(configuration_entries) + [
            "tickTime=2000",
            "dataDir=%s" % os.path.join(self.working_path, "data"),
            "clientPort=%d" % port,
            "clientPortAddress=127.0.0.1",
            "maxClientCnxns=0",
            "admin.enableServer=false",
            "readonlymode.enabled=true",
        ]

    def run(self):
        self.start()
        self.wait_until_serving()

    def start(self):
        if self.running:
            return
        os.makedirs(os.path.join(self.working_path, "data"), exist_ok=True)
        with open(os.path.join(self.working_path, "data", "myid"), "w") as myid:
            myid.write(str(self.server_id))
        config_path = os.path.join(self.working_path, "zoo.cfg")
        with open(config_path, "w") as config:
            config.write("\n".join(self._configuration) + "\n")
        with open(LOG_PATH, "ab") as log:
            self._process = subprocess.Popen(COMMAND + [config_path], stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        self.running = True

    def wait_until_serving(self):
        deadline = time.monotonic() + START_LIMIT_S
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise RuntimeError("the server ended with %s; see %s" % (self._process.returncode, LOG_PATH))
            try:
                with socket.create_connection(("127.0.0.1", self.client_port), timeout=0.4) as connection:
                    connection.sendall(b"srvr")
                    if connection.recv(100).startswith(b"Zookeeper version:"):
                        return
            except OSError:
                pass
            time.sleep(0.02)
        raise RuntimeError("the server did not serve within %d s; see %s" % (START_LIMIT_S, LOG_PATH))

    def stop(self):
        if not self.running:
            return
        self.running = False
        self._process.terminate()
        try:
            self._process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def reset(self):
        self.stop()
        shutil.rmtree(os.path.join(self.working_path, "data"), True)

    def destroy(self):
        self.stop()
        shutil.rmtree(self.working_path, True)

    def get_logs(self, num_lines=60):
        with open(LOG_PATH, errors="replace") as log:
            return log.readlines()[-num_lines:]


class Cluster:
    """kazoo's ZookeeperCluster: a standalone server, or an ensemble."""

    def __init__(self, size=1, configuration_entries=(), java_system_properties=(), **_ignored):
        entries = list(configuration_entries)
        prefix = "-Dzookeeper.DigestAuthenticationProvider.superDigest="
        for digest in [item[len(prefix) :] for item in java_system_properties if item.startswith(prefix)]:
            entries.append("DigestAuthenticationProvider.superDigest=%s" % digest)
        if size > 1:
            entries += ["initLimit=10", "syncLimit=5"]
            for server_id in range(1, size + 1):
                entries.append("server.%d=127.0.0.1:%d:%d" % (server_id, free_port(), free_port()))
        self._servers = [Server(index + 1, free_port(), entries) for index in range(size)]

    def __getitem__(self, index):
        return self._servers[index]

    def __iter__(self):
        return iter(self._servers)

    def start(self):
        for server in self:
            server.start()
        for server in self:
            server.wait_until_serving()

    def stop(self):
        for server in self:
            server.stop()

    def terminate(self):
        for server in self:
            server.destroy()

    def reset(self):
        for server in self:
            server.reset()

    def get_logs(self):
        return [line for server in self for line in server.get_logs()]


given_ports = set()


def free_port():
    """Each port is given only once, because several are picked before any of them is used."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        if port not in given_ports:
            given_ports.add(port)
            return port


# kazoo.testing.harness imports only ZookeeperCluster from kazoo.testing.common, so this stand-in suffices
common = types.ModuleType("kazoo.testing.common")
common.ZookeeperCluster = Cluster
sys.modules["kazoo.testing.common"] = common
os.environ.setdefault("ZOOKEEPER_VERSION", "3.9.5")


def test_name(item):
    return item.nodeid.rsplit("/", 1)[-1]


def find(name, names):
    """The entry for a test: its own, or that of its class."""
    return next((key for key in names if name == key or name.startswith(key + "::")), None)


def read_json(variable):
    with open(os.environ[variable]) as file:
        return json.load(file)


ENSEMBLE_TESTS = read_json("KAZOO_ENSEMBLE_TESTS")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    """kazoo starts a new cluster when this size has changed."""
    is_for_ensembles = find(test_name(item), ENSEMBLE_TESTS) is not None
    os.environ["ZOOKEEPER_CLUSTER_SIZE"] = ENSEMBLE_SIZE if is_for_ensembles else DEFAULT_SIZE


def pytest_collection_modifyitems(config, items):
    """Deselects the excluded tests by name. Rejects a list that names a missing test."""
    left_out = read_json("KAZOO_LEFT_OUT")
    kept, dropped, used = [], [], set()
    for item in items:
        used.add(find(test_name(item), ENSEMBLE_TESTS))
        key = find(test_name(item), left_out)
        if key is None:
            kept.append(item)
        else:
            used.add(key)
            dropped.append(item)
    unused = sorted((set(left_out) | set(ENSEMBLE_TESTS)) - used)
    if unused and not config.getoption("keyword") and len(items) > 300:
        raise pytest.UsageError("the lists name tests that kazoo does not have: %s" % ", ".join(unused))
    config.hook.pytest_deselected(items=dropped)
    items[:] = kept
