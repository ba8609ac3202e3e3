import com.github.luben.zstd.Zstd;
import java.sql.DriverManager;
import org.xerial.snappy.Snappy;

/** Makes the native part of four libraries do something. */
public class Use {
    public interface C extends com.sun.jna.Library {
        int abs(int number);
    }

    public static void main(String[] args) throws Exception {
        try (var sqlite = DriverManager.getConnection("jdbc:sqlite::memory:");
                var statement = sqlite.createStatement();
                var rows = statement.executeQuery("select 41 + 1")) {
            rows.next();
            System.out.println("sqlite " + rows.getInt(1));
        }
        byte[] data = "again and again and again".getBytes();
        System.out.println("zstd " + new String(Zstd.decompress(Zstd.compress(data), data.length)));
        System.out.println("snappy " + new String(Snappy.uncompress(Snappy.compress(data))));
        System.out.println("jna " + com.sun.jna.Native.load("c", C.class).abs(-5));
    }
}
