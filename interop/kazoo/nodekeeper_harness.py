"""A pytest plugin that runs kazoo's own tests against any ZooKeeper server.

It takes the place of the module in which kazoo starts Java servers, so its tests run unchanged. Environment:

KAZOO_SERVER_COMMAND  JSON list of words; the path of the written zoo.cfg is put after them
KAZOO_SERVER_LOG      file that all servers append their output to
KAZOO_LEFT_OUT        left-out.json: test name -> reason
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
START_LIMIT_S = 60


class StandaloneServer:
    """One server with its own directory; the methods are those that kazoo's tests call."""

    def __init__(self, port, configuration_entries, super_digest):
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
        ]
        if super_digest:
            self._configuration.append("DigestAuthenticationProvider.superDigest=%s" % super_digest)

    def run(self):
        if self.running:
            return
        os.makedirs(os.path.join(self.working_path, "data"), exist_ok=True)
        config_path = os.path.join(self.working_path, "zoo.cfg")
        with open(config_path, "w") as config:
            config.write("\n".join(self._configuration) + "\n")
        with open(LOG_PATH, "ab") as log:
            self._process = subprocess.Popen(COMMAND + [config_path], stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        self.running = True
        self._wait_until_serving()

    def _wait_until_serving(self):
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


class StandaloneCluster:
    """kazoo's ZookeeperCluster, of one server whatever size is asked for."""

    def __init__(self, configuration_entries=(), java_system_properties=(), **_ignored):
        prefix = "-Dzookeeper.DigestAuthenticationProvider.superDigest="
        digests = [item[len(prefix) :] for item in java_system_properties if item.startswith(prefix)]
        self._servers = [StandaloneServer(free_port(), configuration_entries, digests[0] if digests else None)]

    def __getitem__(self, index):
        return self._servers[index]

    def __iter__(self):
        return iter(self._servers)

    def start(self):
        for server in self:
            server.run()

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


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


# kazoo.testing.harness imports its cluster class from here, and nothing else
common = types.ModuleType("kazoo.testing.common")
common.ZookeeperCluster = StandaloneCluster
sys.modules["kazoo.testing.common"] = common
os.environ.setdefault("ZOOKEEPER_VERSION", "3.9.5")


def pytest_collection_modifyitems(config, items):
    """Takes the left-out tests away, by name, and refuses a list that names a test that is not there."""
    with open(os.environ["KAZOO_LEFT_OUT"]) as file:
        left_out = json.load(file)
    kept, dropped, used = [], [], set()
    for item in items:
        name = item.nodeid.rsplit("/", 1)[-1]
        key = next((key for key in left_out if name == key or name.startswith(key + "::")), None)
        if key is None:
            kept.append(item)
        else:
            used.add(key)
            dropped.append(item)
    unused = sorted(set(left_out) - used)
    if unused and not config.getoption("keyword") and len(items) > 300:
        raise pytest.UsageError("left-out.json names tests that kazoo does not have: %s" % ", ".join(unused))
    config.hook.pytest_deselected(items=dropped)
    items[:] = kept
