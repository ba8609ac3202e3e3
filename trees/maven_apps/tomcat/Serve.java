import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Path;
import org.apache.catalina.startup.Tomcat;

/** Serves a folder with Tomcat and asks it for paths; prints the status of each. */
public class Serve {
    public static void main(String[] args) throws Exception {
        Tomcat tomcat = new Tomcat();
        tomcat.setBaseDir(args[1]);
        tomcat.setPort(0);
        tomcat.getConnector();
        tomcat.addWebapp("", Path.of(args[0]).toAbsolutePath().toString());
        tomcat.start();
        int port = tomcat.getConnector().getLocalPort();
        for (int i = 2; i < args.length; i++) {
            var asked = URI.create("http://localhost:" + port + "/" + args[i]).toURL().openConnection();
            System.out.println(args[i] + " " + ((HttpURLConnection) asked).getResponseCode());
        }
        System.exit(0);
    }
}
