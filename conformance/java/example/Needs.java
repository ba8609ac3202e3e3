package example;

public class Needs {
    private final String word;

    public Needs(String word) {
        this.word = word;
    }
}
