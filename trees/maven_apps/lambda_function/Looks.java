package fn;

public class Looks {
    public String looks(String name) {
        try {
            return Class.forName(name).getName();
        } catch (ClassNotFoundException gone) {
            return "gone";
        }
    }
}
