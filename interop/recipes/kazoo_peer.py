"""Uses the recipes of kazoo as standard input says.

Reads one JSON object per line, {"id", "do", ...arguments}, and answers each with {"id", "result"} or {"id", "error"}. Each command runs in
its own thread, so that a command that waits does not delay the others.
"""

import json
import sys
import threading
import time

from kazoo.client import KazooClient
from kazoo.exceptions import LockTimeout
from kazoo.recipe.partitioner import PartitionState

connect_string, session_timeout_ms = sys.argv[1], int(sys.argv[2])
client = KazooClient(hosts=connect_string, timeout=session_timeout_ms / 1000)
client.start()

held = {}
output = threading.Lock()


def lock_of(kind, path):
    if kind == "read":
        return client.ReadLock(path)
    if kind == "write":
        return client.WriteLock(path)
    return client.Lock(path)


def acquire(handle, path, kind, timeoutMs, leases=1, **_):
    lock = client.Semaphore(path, max_leases=leases) if kind == "semaphore" else lock_of(kind, path)
    try:
        acquired = lock.acquire(timeout=timeoutMs / 1000)
    except LockTimeout:
        return False
    if acquired:
        held[handle] = lock.release
    return acquired


def increment(path, kind, counter, times, **_):
    """Increments a number that only the lock protects."""
    lock = lock_of(kind, path)
    for _ in range(times):
        with lock:
            value = int(client.get(counter)[0])
            client.set(counter, str(value + 1).encode())
    return True


def cycles(path, kind, times, **_):
    """Acquires and releases a lock many times. Returns the time in milliseconds."""
    lock = lock_of(kind, path)
    start = time.monotonic()
    for _ in range(times):
        lock.acquire()
        lock.release()
    return (time.monotonic() - start) * 1000


def queue_cycles(path, times, **_):
    """Puts an item into a queue and takes it, many times. Returns the time in milliseconds."""
    queue = client.Queue(path)
    item = bytes(100)
    start = time.monotonic()
    for _ in range(times):
        queue.put(item)
        queue.get()
    return (time.monotonic() - start) * 1000


def end(handle, **_):
    held.pop(handle)()
    return True


def lead(handle, path, member, timeoutMs, **_):
    election = client.Election(path, member)
    leads, resigned, ended = threading.Event(), threading.Event(), threading.Event()

    def work():
        leads.set()
        resigned.wait()

    def run():
        election.run(work)
        ended.set()

    threading.Thread(target=run, daemon=True).start()

    def resign():
        election.cancel()
        resigned.set()
        ended.wait(10)

    held[handle] = resign
    return leads.wait(timeoutMs / 1000)


def contenders(path, **_):
    return sorted(client.Election(path).contenders())


def join(handle, path, member, **_):
    party = client.Party(path, member)
    party.join()
    held[handle] = party.leave
    return True


def members(path, **_):
    return sorted(client.Party(path))


def put(path, item, priority=100, **_):
    client.Queue(path).put(item.encode(), priority)
    return True


def take(path, **_):
    item = client.Queue(path).get()
    return None if item is None else item.decode()


def put_locking(path, item, priority=100, **_):
    client.LockingQueue(path).put(item.encode(), priority)
    return True


def take_locking(handle, path, timeoutMs, **_):
    queue = client.LockingQueue(path)
    item = queue.get(timeout=timeoutMs / 1000)
    held[handle] = queue.consume
    return None if item is None else item.decode()


def add(path, by, times, **_):
    counter = client.Counter(path)
    for _ in range(times):
        counter += by
    return counter.value


def enter(handle, path, member, count, timeoutMs, **_):
    barrier = client.DoubleBarrier(path, count, identifier=member)
    entering = threading.Thread(target=barrier.enter, daemon=True)
    entering.start()
    entering.join(timeoutMs / 1000)
    held[handle] = barrier.leave
    return not entering.is_alive()


def partition(handle, path, items, member, timeoutMs, **_):
    partitioner = client.SetPartitioner(path, set(items), identifier=member, time_boundary=1)
    stopped = threading.Event()

    def follow():
        while not stopped.is_set() and not partitioner.failed:
            if partitioner.release:
                partitioner.release_set()
            elif partitioner.allocating:
                partitioner.wait_for_acquire(timeout=1)
            else:
                stopped.wait(0.05)

    threading.Thread(target=follow, daemon=True).start()

    def finish():
        stopped.set()
        partitioner.finish()

    held[handle] = finish
    held[handle + " items"] = lambda: list(partitioner) if partitioner.state == PartitionState.ACQUIRED else None
    return True


def partition_items(handle, **_):
    items = held[handle + " items"]()
    return None if items is None else sorted(items)


commands = {
    "acquire": acquire,
    "increment": increment,
    "cycles": cycles,
    "queueCycles": queue_cycles,
    "end": end,
    "lead": lead,
    "contenders": contenders,
    "join": join,
    "members": members,
    "put": put,
    "take": take,
    "putLocking": put_locking,
    "takeLocking": take_locking,
    "add": add,
    "enter": enter,
    "partition": partition,
    "partitionItems": partition_items,
}


def run(request):
    reply = {"id": request["id"]}
    try:
        reply["result"] = commands[request["do"]](**request)
    except Exception as error:
        reply["error"] = repr(error)
    with output:
        print(json.dumps(reply), flush=True)


print("ready", flush=True)
for line in sys.stdin:
    threading.Thread(target=run, args=(json.loads(line),), daemon=True).start()
