import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.recipes.atomic.AtomicValue;
import org.apache.curator.framework.recipes.atomic.DistributedAtomicLong;
import org.apache.curator.framework.recipes.barriers.DistributedDoubleBarrier;
import org.apache.curator.framework.recipes.leader.LeaderLatch;
import org.apache.curator.framework.recipes.locks.InterProcessLock;
import org.apache.curator.framework.recipes.locks.InterProcessMutex;
import org.apache.curator.framework.recipes.locks.InterProcessReadWriteLock;
import org.apache.curator.framework.recipes.locks.InterProcessSemaphoreV2;
import org.apache.curator.framework.recipes.locks.Lease;
import org.apache.curator.framework.recipes.nodes.GroupMember;
import org.apache.curator.framework.recipes.queue.SimpleDistributedQueue;
import org.apache.curator.retry.RetryNTimes;
import org.apache.curator.x.discovery.ServiceDiscovery;
import org.apache.curator.x.discovery.ServiceDiscoveryBuilder;
import org.apache.curator.x.discovery.ServiceInstance;

/**
 * Uses the recipes of Curator as standard input says. Reads one JSON object per line, {"id", "do", ...arguments}, and answers each with
 * {"id", "result"} or {"id", "error"}. Commands with different handles run at the same time.
 */
public class CuratorPeer {
    private interface Command {
        Object run(JsonNode arguments) throws Exception;
    }

    private interface Ending {
        void run() throws Exception;
    }

    private static final ObjectMapper json = new ObjectMapper();

    private final CuratorFramework client;
    /** What each handle holds now. */
    private final Map<String, Ending> held = new ConcurrentHashMap<>();
    /** Curator's mutex belongs to a thread, so each handle has its own thread. */
    private final Map<String, ExecutorService> threads = new ConcurrentHashMap<>();
    private final Map<String, Command> commands = new ConcurrentHashMap<>();

    private CuratorPeer(String connectString, int sessionTimeoutMs) throws Exception {
        client = CuratorFrameworkFactory.builder()
            .connectString(connectString)
            .sessionTimeoutMs(sessionTimeoutMs)
            .connectionTimeoutMs(5000)
            .retryPolicy(new RetryNTimes(10, 100))
            .build();
        client.start();
        client.blockUntilConnected();
        commands.put("acquire", this::acquire);
        commands.put("increment", this::increment);
        commands.put("cycles", this::cycles);
        commands.put("queueCycles", this::queueCycles);
        commands.put("end", this::end);
        commands.put("lead", this::lead);
        commands.put("contenders", this::contenders);
        commands.put("join", this::join);
        commands.put("members", this::members);
        commands.put("put", this::put);
        commands.put("take", this::take);
        commands.put("add", this::add);
        commands.put("enter", this::enter);
        commands.put("register", this::register);
        commands.put("instances", this::instances);
    }

    private Object acquire(JsonNode arguments) throws Exception {
        String path = arguments.get("path").asText();
        long timeoutMs = arguments.get("timeoutMs").asLong();
        String kind = arguments.get("kind").asText();
        String handle = arguments.get("handle").asText();
        if (kind.equals("semaphore")) {
            InterProcessSemaphoreV2 semaphore = new InterProcessSemaphoreV2(client, path, arguments.get("leases").asInt());
            Lease lease = semaphore.acquire(timeoutMs, TimeUnit.MILLISECONDS);
            if (lease != null) held.put(handle, () -> semaphore.returnLease(lease));
            return lease != null;
        }
        InterProcessLock lock = lockOf(kind, path);
        boolean isAcquired = lock.acquire(timeoutMs, TimeUnit.MILLISECONDS);
        if (isAcquired) held.put(handle, lock::release);
        return isAcquired;
    }

    private InterProcessLock lockOf(String kind, String path) {
        if (kind.equals("read")) return new InterProcessReadWriteLock(client, path).readLock();
        if (kind.equals("write")) return new InterProcessReadWriteLock(client, path).writeLock();
        return new InterProcessMutex(client, path);
    }

    /** Increments a number that only the lock protects. */
    private Object increment(JsonNode arguments) throws Exception {
        InterProcessLock lock = lockOf(arguments.get("kind").asText(), arguments.get("path").asText());
        String counter = arguments.get("counter").asText();
        for (int time = 0; time < arguments.get("times").asInt(); time++) {
            lock.acquire();
            try {
                int value = Integer.parseInt(new String(client.getData().forPath(counter), StandardCharsets.UTF_8));
                client.setData().forPath(counter, Integer.toString(value + 1).getBytes(StandardCharsets.UTF_8));
            } finally {
                lock.release();
            }
        }
        return true;
    }

    /** Acquires and releases a lock many times. Returns the time in milliseconds. */
    private Object cycles(JsonNode arguments) throws Exception {
        InterProcessLock lock = lockOf(arguments.get("kind").asText(), arguments.get("path").asText());
        long start = System.nanoTime();
        for (int time = 0; time < arguments.get("times").asInt(); time++) {
            lock.acquire();
            lock.release();
        }
        return (System.nanoTime() - start) / 1e6;
    }

    /** Puts an item into a queue and takes it, many times. Returns the time in milliseconds. */
    private Object queueCycles(JsonNode arguments) throws Exception {
        SimpleDistributedQueue queue = new SimpleDistributedQueue(client, arguments.get("path").asText());
        byte[] item = new byte[100];
        long start = System.nanoTime();
        for (int time = 0; time < arguments.get("times").asInt(); time++) {
            queue.offer(item);
            queue.take();
        }
        return (System.nanoTime() - start) / 1e6;
    }

    private Object end(JsonNode arguments) throws Exception {
        held.remove(arguments.get("handle").asText()).run();
        return true;
    }

    private Object lead(JsonNode arguments) throws Exception {
        LeaderLatch latch = new LeaderLatch(client, arguments.get("path").asText(), arguments.get("member").asText());
        latch.start();
        held.put(arguments.get("handle").asText(), latch::close);
        return latch.await(arguments.get("timeoutMs").asLong(), TimeUnit.MILLISECONDS);
    }

    private Object contenders(JsonNode arguments) throws Exception {
        LeaderLatch latch = new LeaderLatch(client, arguments.get("path").asText(), "reader");
        TreeSet<String> ids = new TreeSet<>();
        latch.getParticipants().forEach(participant -> ids.add(participant.getId()));
        return ids;
    }

    private Object join(JsonNode arguments) {
        String path = arguments.get("path").asText();
        GroupMember member = new GroupMember(client, path, arguments.get("member").asText());
        member.start();
        held.put(arguments.get("handle").asText(), member::close);
        return true;
    }

    private Object members(JsonNode arguments) throws Exception {
        return new TreeSet<>(client.getChildren().forPath(arguments.get("path").asText()));
    }

    private Object put(JsonNode arguments) throws Exception {
        SimpleDistributedQueue queue = new SimpleDistributedQueue(client, arguments.get("path").asText());
        return queue.offer(arguments.get("item").asText().getBytes(StandardCharsets.UTF_8));
    }

    private Object take(JsonNode arguments) throws Exception {
        SimpleDistributedQueue queue = new SimpleDistributedQueue(client, arguments.get("path").asText());
        byte[] item = queue.poll(arguments.get("timeoutMs").asLong(), TimeUnit.MILLISECONDS);
        return item == null ? null : new String(item, StandardCharsets.UTF_8);
    }

    private Object add(JsonNode arguments) throws Exception {
        String path = arguments.get("path").asText();
        DistributedAtomicLong number = new DistributedAtomicLong(client, path, new RetryNTimes(100, 5));
        for (int time = 0; time < arguments.get("times").asInt(); time++) {
            AtomicValue<Long> value = number.add(arguments.get("by").asLong());
            if (!value.succeeded()) time--;
        }
        return number.get().postValue();
    }

    private Object enter(JsonNode arguments) throws Exception {
        String path = arguments.get("path").asText();
        DistributedDoubleBarrier barrier = new DistributedDoubleBarrier(client, path, arguments.get("count").asInt());
        boolean isOpen = barrier.enter(arguments.get("timeoutMs").asLong(), TimeUnit.MILLISECONDS);
        held.put(arguments.get("handle").asText(), barrier::leave);
        return isOpen;
    }

    private ServiceDiscovery<Map> discovery(JsonNode arguments) throws Exception {
        ServiceDiscovery<Map> discovery = ServiceDiscoveryBuilder.builder(Map.class)
            .client(client).basePath(arguments.get("path").asText()).build();
        discovery.start();
        return discovery;
    }

    private Object register(JsonNode arguments) throws Exception {
        ServiceDiscovery<Map> discovery = discovery(arguments);
        ServiceInstance<Map> instance = ServiceInstance.<Map>builder()
            .name(arguments.get("service").asText())
            .id(arguments.get("member").asText())
            .address(arguments.get("address").asText())
            .port(arguments.get("port").asInt())
            .build();
        discovery.registerService(instance);
        held.put(arguments.get("handle").asText(), discovery::close);
        return true;
    }

    private Object instances(JsonNode arguments) throws Exception {
        try (ServiceDiscovery<Map> discovery = discovery(arguments)) {
            TreeSet<String> instances = new TreeSet<>();
            for (ServiceInstance<Map> each : discovery.queryForInstances(arguments.get("service").asText())) {
                instances.add(each.getId() + "=" + each.getAddress() + ":" + each.getPort());
            }
            return instances;
        }
    }

    private void run(JsonNode request) {
        ObjectNode reply = json.createObjectNode();
        reply.set("id", request.get("id"));
        try {
            reply.set("result", json.valueToTree(commands.get(request.get("do").asText()).run(request)));
        } catch (Throwable error) {
            reply.put("error", String.valueOf(error));
        }
        synchronized (System.out) {
            System.out.println(reply);
        }
    }

    public static void main(String[] arguments) throws Exception {
        CuratorPeer peer = new CuratorPeer(arguments[0], Integer.parseInt(arguments[1]));
        System.out.println("ready");
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            JsonNode request = json.readTree(line);
            String handle = request.path("handle").asText();
            peer.threads.computeIfAbsent(handle, each -> Executors.newSingleThreadExecutor()).execute(() -> peer.run(request));
        }
        System.exit(0);
    }
}
