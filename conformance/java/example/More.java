package example;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.LambdaLogger;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import com.amazonaws.services.lambda.runtime.logging.LogLevel;
import java.io.InputStream;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;

public class More extends Plain {
    public enum Size {
        SMALL,
        LARGE
    }

    public record Point(int x, Size size) {}

    public static class Order {
        public Size size;
        public Date at;
        public BigDecimal price;
        public Map<String, List<Long>> counts;
        public Order inner;
        public Optional<String> maybe = Optional.of("there");
        public UUID id;
        public byte[] bytes;
        public char letter = 'c';
        public transient int secret = 9;
        private final String hidden = "never";
    }

    public interface Answers<T> extends RequestHandler<T, Object> {
        @Override
        default Object handleRequest(T event, Context context) {
            return List.of("by default", event);
        }
    }

    public static class Inner implements Answers<Map<String, Object>> {}

    public static class Empty implements RequestHandler<Void, Void> {
        @Override
        public Void handleRequest(Void event, Context context) {
            return null;
        }
    }

    static final List<String> TOLD = new ArrayList<>();

    public Point record(Point event) {
        return event;
    }

    public Point made(Map<String, Object> event) {
        return new Point(1, Size.LARGE);
    }

    public Size choice(Size event) {
        return event == Size.SMALL ? Size.LARGE : Size.SMALL;
    }

    public Order order(Order event) {
        return event;
    }

    public Object things(Map<String, Object> event) {
        TreeMap<String, Object> things = new TreeMap<>();
        things.put("set", new java.util.TreeSet<>(Set.of("b", "a")));
        things.put("array", new int[] {1, 2});
        things.put("bytes", "bytes".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        things.put("numbers", List.of(Long.MAX_VALUE, Double.NaN, 1e300, -0.0, new BigDecimal("1.10")));
        things.put("text", "\u2028\ud800 </script> caf\u00e9");
        things.put("none", null);
        return things;
    }

    public Object circle(Map<String, Object> event) {
        Order order = new Order();
        order.inner = order;
        return order;
    }

    public Object opaque(Map<String, Object> event) {
        return new Object();
    }

    public boolean truth(boolean event) {
        return !event;
    }

    public double half(double event) {
        return event / 2;
    }

    public long exact(long event) {
        return event;
    }

    public Object any(Object event) {
        return List.of(event == null ? "null" : event.getClass().getSimpleName(), String.valueOf(event));
    }

    public void pipe(InputStream in, OutputStream out) throws java.io.IOException {
        in.transferTo(out);
        out.write('\n');
    }

    public void silent(InputStream in, OutputStream out) {}

    public void torn(InputStream in, OutputStream out) throws java.io.IOException {
        out.write("half".getBytes());
        throw new java.io.IOException("torn");
    }

    public String levels(Map<String, Object> event, Context context) {
        LambdaLogger logger = context.getLogger();
        logger.log("by level", LogLevel.ERROR);
        logger.log(new byte[] {104, 105, 10});
        return "logged";
    }

    public Object thread(Map<String, Object> event) throws InterruptedException {
        Thread thread = new Thread(() -> {
            throw new IllegalStateException("in a thread");
        });
        thread.start();
        thread.join();
        return List.of(Thread.currentThread().getContextClassLoader() == More.class.getClassLoader());
    }

    public Object halts(Map<String, Object> event) {
        Runtime.getRuntime().halt(9);
        return null;
    }

    public Object hook(Map<String, Object> event) {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("hooked")));
        return "added";
    }

    public Object suppressed(Map<String, Object> event) throws Exception {
        Exception error = new Exception((String) null, new Error("deep", new RuntimeException()));
        error.addSuppressed(new Exception("beside"));
        throw error;
    }

    public Object linkage(Map<String, Object> event) {
        throw new NoClassDefFoundError("gone/Class");
    }

    private String secret(Map<String, Object> event) {
        return "private";
    }

    public String overloaded(String event) {
        return "text";
    }

    public String overloaded(Integer event) {
        return "number";
    }
}
