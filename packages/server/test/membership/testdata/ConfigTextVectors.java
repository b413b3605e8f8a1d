import java.nio.file.*;
import java.util.*;
import org.apache.zookeeper.server.quorum.*;
import org.apache.zookeeper.server.quorum.flexible.*;

/**
 * Writes apache-3.9.5-config-text.json. For each zoo.cfg and dynamic configuration file, it records the configuration
 * that ZooKeeper prints, or the reason why ZooKeeper does not start. The ZooKeeper servers are those that
 * `npm run test:interop` installs:
 *
 *   java -cp '.cache/peers/apache-3.9.5-.../*' ConfigTextVectors.java > apache-3.9.5-config-text.json
 *
 * Add a logback.xml that logs nothing, because logs go to standard output, too. The host names in the configurations
 * must resolve to the same addresses, or to none, on every machine.
 */
public class ConfigTextVectors {
    static int count = 0;
    static StringBuilder out = new StringBuilder("[\n");

    public static void main(String[] args) throws Exception {
        String limits = "initLimit=10\nsyncLimit=5\n";
        String three = "server.1=a.example:2888:3888\nserver.2=b.example:2888:3888\nserver.3=c.example:2888:3888\n";
        vector("three servers", 1, limits + three, null);
        vector("clientPort only in zoo.cfg", 1, limits + "clientPort=2181\n" + three, null);
        vector("client addresses", 1, limits + "server.1=a:2888:3888;2181\nserver.2=b:2888:3888;client.example:2181\nserver.3=c:2888:3888:participant;127.0.0.1:2181\n", null);
        vector("client address without a host", 1, limits + "server.1=a:2888:3888;:2181\nserver.2=b:2888:3888;2181\n", null);
        vector("roles in any case", 1, limits + "server.1=a:2888:3888:PARTICIPANT\nserver.2=b:2888:3888:Participant\nserver.3=c:2888:3888:Observer\n", null);
        vector("observers", 1, limits + three + "server.4=d.example:2888:3888:observer;2181\nserver.5=e.example:2888:3888:observer\n", null);
        vector("IPv6", 1, limits + "server.1=[::1]:2888:3888;[::1]:2181\nserver.2=[2001:DB8::A]:2888:3888:participant;[::]:2181\nserver.3=[fe80:0:0:0:0:0:0:1]:2888:3888;2181\nserver.4=[::ffff:10.0.0.1]:2888:3888:observer\nserver.5=[64:ff9b::1.2.3.4]:1:2:observer\n", null);
        vector("IPv4 in every form", 1, limits + "server.1=127.1:2888:3888\nserver.2=010.0.0.1:2888:3888\nserver.3=1.2.3:2888:3888\nserver.4=256:2888:3888\nserver.5=999.1.1.1:2888:3888\n", null);
        vector("the case of host names is kept", 1, limits + "server.1=ZooKeeper-A.Example:2888:3888\nserver.2=zk_2:2888:3888\n", null);
        vector("several addresses", 1, "MULTI\n" + limits + "server.1=net2-a:2888:3888|net1-a:2889:3889\nserver.2=b:2888:3888:observer|[2001:db8::b]:2888:3888:observer;2181\nserver.3=c:2888:3888|10.0.0.3:2888:3888;2181\nserver.4=Z:1:2|a:3:4|[::1]:5:6\n", null);
        vector("several addresses, one with a role", 1, "MULTI\n" + limits + "server.1=a:2888:3888|b:2888:3888:observer\nserver.2=c:2888:3888\nserver.3=d:2888:3888\n", null);
        vector("trailing separators", 1, limits + "server.1=a:2888:3888:;\nserver.2=b:2888:3888:participant:;;\n", null);
        vector("server ids above 15", 100, limits + "server.100=a:1:2\nserver.17=b:1:2\nserver.3=c:1:2\nserver.31=d:1:2\nserver.255=e:1:2\n", null);
        vector("server ids beyond 32 bits", 4294967297L, limits + "server.4294967297=a:1:2\nserver.3=c:1:2\nserver.8589934597=d:1:2\n", null);
        StringBuilder many = new StringBuilder(limits);
        for (int i = 1; i <= 20; i++) many.append("server." + (i * 7) + "=h" + i + ":1:2\n");
        vector("twenty servers", 7, many.toString(), null);
        StringBuilder thirteen = new StringBuilder(limits);
        for (int i = 1; i <= 13; i++) thirteen.append("server." + (i * 3) + "=h" + i + ":1:2\n");
        vector("thirteen servers", 3, thirteen.toString(), null);
        StringBuilder twelve = new StringBuilder(limits);
        for (int i = 1; i <= 12; i++) twelve.append("server." + (i * 3) + "=h" + i + ":1:2\n");
        vector("twelve servers", 3, twelve.toString(), null);
        StringBuilder nine = new StringBuilder();
        for (int i = 1; i <= 9; i++) nine.append("server." + i + "=h" + i + ":1:2\n");
        vector("groups", 1, limits + nine + "group.1=1:2:3\ngroup.2=4:5:6\ngroup.3=7:8:9\n", null);
        vector("groups and weights", 1, limits + nine + "group.10=3:2:1\ngroup.2=4:5:6\ngroup.3=7:8:9\nweight.1=2\nweight.2=0\nweight.9=100\n", null);
        vector("a group without weight", 1, limits + nine + "group.1=1:2:3\ngroup.2=4:5:6\ngroup.3=7:8:9\nweight.7=0\nweight.8=0\nweight.9=0\n", null);
        vector("an observer beside groups", 1, limits + three + "server.4=d:1:2:observer\ngroup.1=1:2:3\n", null);
        vector("an observer with a weight in a group", 1, limits + three + "server.4=d:1:2:observer\ngroup.1=1:2:3:4\nweight.4=0\n", null);
        vector("a weight of an unknown server", 1, limits + three + "group.1=1:2:3\nweight.9=4\n", null);
        vector("a group with an unknown server that has a weight", 1, limits + three + "group.1=1:2:3:9\nweight.9=4\n", null);
        vector("group ids above 15", 1, limits + nine + "group.17=1:2:3\ngroup.33=4:5:6\ngroup.2=7:8:9\n", null);
        vector("a version in zoo.cfg", 1, limits + three + "version=1a0\n", null);
        vector("dynamic file with a version", 1, limits + "dynamicConfigFile=DIR/zoo.cfg.dynamic.100000000\n", three);
        vector("dynamic file without a version", 1, limits + "dynamicConfigFile=DIR/zoo.cfg.dynamic\n", three);
        vector("dynamic file with groups", 1, limits + "dynamicConfigFile=DIR/zoo.cfg.dynamic.BEEF\n", three + "group.1=1:2:3\n");
        vector("an ensemble of one", 1, "standaloneEnabled=false\n" + limits + "server.1=a:2888:3888;2181\n", null);

        // Configurations that ZooKeeper refuses. The vectors record the reasons.
        vector("refused: one address, one port", 1, limits + "server.1=a:2888\nserver.2=b:2888:3888\n", null);
        vector("refused: equal ports", 1, limits + "server.1=a:2888:2888\nserver.2=b:2888:3888\n", null);
        vector("refused: unknown role", 1, limits + "server.1=a:2888:3888:watcher\nserver.2=b:2888:3888\n", null);
        vector("refused: secure client port", 1, limits + "server.1=a:2888:3888;2181;2281\nserver.2=b:2888:3888\n", null);
        vector("refused: several addresses while disabled", 1, limits + "server.1=a:2888:3888|b:2888:3888\nserver.2=b:2888:3888\n", null);
        vector("refused: multiAddress.enabled in zoo.cfg alone", 1, limits + "multiAddress.enabled=true\nserver.1=a:2888:3888|b:2888:3888\nserver.2=b:2888:3888\n", null);
        vector("refused: roles that differ", 1, "MULTI\n" + limits + "server.1=a:2888:3888:observer|b:2888:3888:participant\nserver.2=b:2888:3888\n", null);
        vector("refused: observers only", 1, limits + "server.1=a:2888:3888:observer\n", null);
        vector("refused: one voter and an observer", 1, limits + "server.1=a:2888:3888\nserver.2=a:2888:3888:observer\n", null);
        vector("refused: no server, standaloneEnabled=false", 1, "standaloneEnabled=false\n", null);
        vector("refused: voter in no group", 1, limits + three + "group.1=1:2\n", null);
        vector("refused: voter in two groups", 1, limits + three + "group.1=1:2:3\ngroup.2=3\n", null);
        vector("refused: weights without groups", 1, limits + three + "weight.1=2\n", null);
        vector("refused: an unknown server in a group", 1, limits + three + "group.1=1:2:3:9\n", null);
        vector("refused: observer in a group", 1, limits + three + "server.4=d:1:2:observer\ngroup.1=1:2:3:4\n", null);
        vector("refused: unknown key in the dynamic file", 1, limits + "dynamicConfigFile=DIR/d\n", three + "tickTime=1\n");
        vector("refused: version in the dynamic file", 1, limits + "dynamicConfigFile=DIR/d\n", three + "version=1\n");
        vector("refused: server line beside dynamicConfigFile", 1, limits + "dynamicConfigFile=DIR/d\nserver.9=x:1:2\n", three);
        vector("refused: no initLimit", 1, "syncLimit=5\n" + three, null);
        vector("refused: no syncLimit", 1, "initLimit=5\n" + three, null);
        vector("refused: no myid", null, limits + three, null);
        vector("refused: port beyond 65535", 1, limits + "server.1=a:2888:99999\nserver.2=b:2888:3888\n", null);
        vector("refused: other client port", 1, limits + "clientPort=5\nserver.1=a:2888:3888;6\nserver.2=b:2888:3888\n", null);
        System.out.print(out.append("\n]\n"));
        System.exit(0);
    }

    static void vector(String name, Number myId, String cfg, String dynamic) throws Exception {
        Path dir = Files.createTempDirectory("vectors");
        boolean multi = cfg.startsWith("MULTI\n");
        if (multi) cfg = cfg.substring(6);
        System.setProperty("zookeeper.multiAddress.enabled", String.valueOf(multi));
        QuorumPeerConfig.setStandaloneEnabled(true);
        if (myId != null) Files.writeString(dir.resolve("myid"), myId + "\n");
        String placed = cfg.replace("DIR", dir.toString()) + "dataDir=" + dir + "\n";
        String dynamicName = null;
        for (String line : placed.split("\n")) if (line.startsWith("dynamicConfigFile=")) dynamicName = line.substring(18);
        if (dynamicName != null) Files.writeString(Path.of(dynamicName), dynamic);
        Path file = dir.resolve("zoo.cfg");
        Files.writeString(file, placed);
        String text = null, error = null;
        try {
            QuorumPeerConfig config = new QuorumPeerConfig();
            config.parse(file.toString());
            text = config.getQuorumVerifier().toString();
        } catch (Throwable e) {
            Throwable cause = e;
            while (cause.getCause() != null) cause = cause.getCause();
            error = cause.getClass().getSimpleName() + ": " + cause.getMessage();
        }
        if (count++ > 0) out.append(",\n");
        out.append("  {\"name\": " + json(name) + ", \"myId\": " + myId + ", \"multiAddress\": " + multi + ", \"zooCfg\": " + json(cfg));
        if (dynamic != null) out.append(", \"dynamic\": " + json(dynamic));
        out.append(text != null ? ", \"text\": " + json(text) : ", \"error\": " + json(error.replace(dir.toString(), "DIR")));
        out.append("}");
    }

    static String json(String s) { return s == null ? "null" : '"' + s.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"'; }
}
