import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.text.NumberFormat;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import javax.xml.parsers.DocumentBuilderFactory;

/** A function that does one small thing for each name that it is asked for. */
public class Features {
    public Object handle(Map<String, Object> event) throws Exception {
        return switch ((String) event.get("feature")) {
            case "presigned" -> fn.Shapes.url("key");
            case "json" -> Map.of("list", List.of(1, 2.5, "three"));
            case "regex" -> "a1b22".replaceAll("\\d+", "#");
            case "dates" -> LocalDate.of(2026, 1, 31).plusMonths(1).getDayOfWeek().toString();
            case "zones" -> Instant.EPOCH.atZone(ZoneId.of("Asia/Tokyo")).toString();
            case "hash" -> HexFormat.of().formatHex(
                MessageDigest.getInstance("SHA-256").digest("tea".getBytes()));
            case "tls" -> trusted() > 100;
            case "gzip" -> squeezed();
            case "process" -> new String(new ProcessBuilder("sh", "-c", "echo one | tr a-z A-Z")
                .start().getInputStream().readAllBytes());
            case "locale" -> NumberFormat.getInstance(Locale.GERMANY).format(1234.5);
            case "xml" -> DocumentBuilderFactory.newInstance().newDocumentBuilder()
                .parse(new ByteArrayInputStream("<a><b/></a>".getBytes()))
                .getDocumentElement().getFirstChild().getNodeName();
            case "http" -> refused();
            case "log" -> {
                System.err.println("a line for the log");
                yield "logged";
            }
            case "streams" -> List.of("tea", "coffee", "tin").stream()
                .collect(Collectors.groupingBy(name -> name.charAt(0), Collectors.counting()))
                .toString();
            default -> throw new IllegalArgumentException("as asked");
        };
    }

    private static int trusted() throws Exception {
        var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init((KeyStore) null);
        return ((X509TrustManager) factory.getTrustManagers()[0]).getAcceptedIssuers().length;
    }

    private static String squeezed() throws Exception {
        var out = new ByteArrayOutputStream();
        try (var zipped = new GZIPOutputStream(out)) {
            zipped.write("squeezed".getBytes(StandardCharsets.UTF_8));
        }
        var in = new GZIPInputStream(new ByteArrayInputStream(out.toByteArray()));
        return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }

    private static String refused() throws Exception {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:9/")).build();
        try {
            return HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.ofString()).body();
        } catch (java.net.ConnectException error) {
            return "refused";
        }
    }
}
