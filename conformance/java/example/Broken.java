package example;

public class Broken extends Plain {
    public Broken() {
        throw new IllegalStateException("in its constructor");
    }
}
