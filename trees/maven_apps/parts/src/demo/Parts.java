package demo;

import java.io.StringReader;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.sql.DriverManager;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.Callable;

/** Twelve libraries that find their own parts by name, each at work. */
public class Parts {
    public record Point(int x, String name) {}

    static void part(String name, Callable<Object> work) {
        String said;
        try {
            said = String.valueOf(work.call());
        } catch (Throwable error) {
            said = "FAILED " + error;
        }
        System.out.println(name + ": " + said);
    }

    static Object query(String url) throws Exception {
        try (var c = DriverManager.getConnection(url); var r = c.createStatement().executeQuery("select 6 * 7")) {
            r.next();
            return r.getInt(1);
        }
    }

    public static void main(String[] args) {
        part("bouncycastle", () -> {
            java.security.Security.addProvider(new org.bouncycastle.jce.provider.BouncyCastleProvider());
            var digest = java.security.MessageDigest.getInstance("SHA3-256", "BC").digest("a".getBytes());
            var keys = java.security.KeyPairGenerator.getInstance("EC", "BC");
            keys.initialize(256);
            var signature = java.security.Signature.getInstance("SHA256withECDSA", "BC");
            signature.initSign(keys.generateKeyPair().getPrivate());
            return HexFormat.of().formatHex(digest, 0, 6) + (signature.sign().length > 60);
        });
        part("groovy", () -> new groovy.lang.GroovyShell().evaluate(
                "[3, 1, 2].sort().collect { it * 2 }.join('-') + \" ${'abc'.reverse()}\""));
        part("icu", () -> com.ibm.icu.text.NumberFormat.getInstance(com.ibm.icu.util.ULocale.GERMANY).format(1234.5)
                + new com.ibm.icu.text.RuleBasedNumberFormat(java.util.Locale.FRENCH, com.ibm.icu.text.RuleBasedNumberFormat.SPELLOUT).format(71)
                + com.ibm.icu.text.Transliterator.getInstance("Greek-Latin").transliterate("αβγ"));
        part("log4j2", () -> {
            var builder = new org.apache.logging.log4j.core.config.xml.XmlConfiguration(
                    org.apache.logging.log4j.core.LoggerContext.getContext(false),
                    new org.apache.logging.log4j.core.config.ConfigurationSource(new java.io.ByteArrayInputStream((
                            "<Configuration><Appenders><Console name='C'><PatternLayout pattern='%p %m %X{a}%n'/></Console></Appenders>"
                                    + "<Loggers><Root level='info'><AppenderRef ref='C'/></Root></Loggers></Configuration>")
                                    .getBytes())));
            org.apache.logging.log4j.core.LoggerContext.getContext(false).start(builder);
            org.apache.logging.log4j.LogManager.getLogger("x").info("by plugin");
            return builder.getAppenders().keySet();
        });
        part("h2", () -> query("jdbc:h2:mem:a"));
        part("sqlite", () -> query("jdbc:sqlite::memory:"));
        part("jackson", () -> {
            var mapper = new com.fasterxml.jackson.databind.ObjectMapper();
            return mapper.writeValueAsString(mapper.readValue("{\"x\":1,\"name\":\"n\"}", Point.class));
        });
        part("logback", () -> {
            org.slf4j.LoggerFactory.getLogger("y").info("by provider");
            return org.slf4j.LoggerFactory.getILoggerFactory().getClass().getSimpleName();
        });
        part("zstd", () -> new String(com.github.luben.zstd.Zstd.decompress(
                com.github.luben.zstd.Zstd.compress("zstd".getBytes()), 4), StandardCharsets.UTF_8));
        part("freemarker", () -> {
            var out = new StringWriter();
            new freemarker.template.Template("t", new StringReader("<#list 1..3 as i>${i?string('00')}</#list>"),
                    new freemarker.template.Configuration(freemarker.template.Configuration.VERSION_2_3_33))
                    .process(Map.of(), out);
            return out;
        });
        part("caffeine", () -> com.github.benmanes.caffeine.cache.Caffeine.newBuilder().maximumSize(10)
                .expireAfterWrite(java.time.Duration.ofMinutes(1)).build(k -> k + "!").get("k"));
        part("xerces", () -> {
            var parser = javax.xml.parsers.DocumentBuilderFactory.newInstance().newDocumentBuilder();
            return parser.getClass().getName() + parser.parse(new org.xml.sax.InputSource(new StringReader("<a b='c'/>")))
                    .getDocumentElement().getAttribute("b");
        });
    }
}
