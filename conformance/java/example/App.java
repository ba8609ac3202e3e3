package example;

import com.amazonaws.services.lambda.runtime.Context;
import java.util.List;
import java.util.Map;

public class App {
    public static class Person {
        private String name;
        private int age = 7;

        public String getName() {
            return name;
        }

        public void setName(String name) {
            this.name = name;
        }

        public int getAge() {
            return age;
        }
    }

    public static class Trouble extends Exception {
        public Trouble(String message, Throwable cause) {
            super(message, cause);
        }
    }

    public Map<String, Object> echo(Map<String, Object> event) {
        return event;
    }

    public Person person(Person event) {
        return event;
    }

    public static String fixed(Map<String, Object> event, Context context) {
        return "static " + event.get("name");
    }

    public String text(String event) {
        return event.toUpperCase();
    }

    public int number(Integer event) {
        return event + 1;
    }

    public int list(List<Integer> event) {
        return event.stream().mapToInt(Integer::intValue).sum();
    }

    public Object context(Context context) {
        return List.of(
                context.getFunctionName(),
                context.getFunctionVersion(),
                context.getMemoryLimitInMB(),
                context.getAwsRequestId().length(),
                context.getInvokedFunctionArn().split(":").length,
                context.getRemainingTimeInMillis() <= 10_000,
                String.valueOf(context.getClientContext()),
                String.valueOf(context.getIdentity().getIdentityId()));
    }

    public Object client(Context context) {
        return List.of(
                context.getClientContext().getCustom(),
                context.getClientContext().getEnvironment(),
                context.getClientContext().getClient().getInstallationId(),
                context.getIdentity().getIdentityId(),
                context.getIdentity().getIdentityPoolId());
    }

    public void nothing(Map<String, Object> event) {}

    public String none(Map<String, Object> event) {
        return null;
    }

    public String several(Map<String, Object> event) {
        return "without a context";
    }

    public String several(Map<String, Object> event, Context context) {
        return "with a context";
    }

    public String fails(Map<String, Object> event) {
        throw new IllegalStateException("no luck");
    }

    public String causes(Map<String, Object> event) throws Trouble {
        throw new Trouble("outer", new RuntimeException("inner"));
    }

    public String errs(Map<String, Object> event) {
        throw new AssertionError("an error");
    }

    public int deep(Object event) {
        return deep(event) + 1;
    }

    public String exits(Map<String, Object> event) {
        System.exit(3);
        return "never";
    }

    public String sleeps(Map<String, Object> event) throws InterruptedException {
        Thread.sleep(60_000);
        return "never";
    }

    public int even(Integer event) {
        if (event % 2 != 0) {
            throw new IllegalArgumentException("odd");
        }
        return event;
    }

    public List<String> environment(Map<String, Object> event) {
        return List.of(
                System.getenv("OWN"),
                String.valueOf(System.getProperty("own.property")),
                System.getenv("LAMBDA_TASK_ROOT"),
                String.valueOf(System.getenv("_HANDLER")),
                System.getProperty("user.dir"));
    }

    public String logs(Map<String, Object> event, Context context) {
        context.getLogger().log("by the logger\n");
        System.out.print("printed");
        System.err.println("printed too");
        return "logged";
    }

    public List<String> resource(Map<String, Object> event) throws java.io.IOException {
        String place = App.class.getProtectionDomain().getCodeSource().getLocation().getPath();
        try (java.io.InputStream found = App.class.getResourceAsStream("App.class")) {
            return List.of(place, String.valueOf(found.read()));
        }
    }
}
