package example;

public class BrokenClass extends Plain {
    private static final int NUMBER = Integer.parseInt("no number");
}
