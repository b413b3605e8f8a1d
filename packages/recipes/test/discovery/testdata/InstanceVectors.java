import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.curator.x.discovery.ServiceInstance;
import org.apache.curator.x.discovery.ServiceType;
import org.apache.curator.x.discovery.UriSpec;
import org.apache.curator.x.discovery.details.JsonInstanceSerializer;

/**
 * Prints instance-vectors.jsonl: what Curator 5.9.0 writes for the instances of instance-json.test.ts. It needs
 * org.apache.curator:curator-x-discovery:5.9.0 on the class path.
 */
public class InstanceVectors {
  public static class Details {
    public String zone = "a";
    public int weight = 3;
  }

  public static void main(String[] args) throws Exception {
    print(false, ServiceInstance.builder().port(8080));
    print(false, ServiceInstance.builder().port(8080).sslPort(8443).payload("text").serviceType(ServiceType.STATIC)
        .uriSpec(new UriSpec("{scheme}://{address}:{port}/{[}{id}{]}")));
    print(false, ServiceInstance.builder().payload(new LinkedHashMap<>(Map.of("weight", 3))).serviceType(ServiceType.PERMANENT));
    print(false, ServiceInstance.builder().payload(new Details()).serviceType(ServiceType.DYNAMIC_SEQUENTIAL));
    print(false, ServiceInstance.builder().payload(new ArrayList<>(List.of(1, "x"))));
    print(false, ServiceInstance.builder().payload(5));
    print(false, ServiceInstance.builder().payload(true));
    print(true, ServiceInstance.builder().enabled(false));
  }

  private static void print(boolean withEnabled, org.apache.curator.x.discovery.ServiceInstanceBuilder<Object> builder)
      throws Exception {
    ServiceInstance<Object> instance =
        builder.name("api").id("one").address("10.0.0.1").registrationTimeUTC(1700000000000L).build();
    System.out.println(new String(new JsonInstanceSerializer<>(Object.class, !withEnabled).serialize(instance), "UTF-8"));
  }
}
