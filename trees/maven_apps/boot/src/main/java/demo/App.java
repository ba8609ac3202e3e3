package demo;

import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.Id;
import java.security.MessageDigest;
import java.security.Security;
import java.util.HexFormat;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Answers with a database in memory, and with digests of a provider in a signed jar. */
@SpringBootApplication
@RestController
public class App {
    @Autowired Notes notes;

    public static void main(String[] args) {
        Security.addProvider(new BouncyCastleProvider());
        SpringApplication.run(App.class, args);
    }

    @GetMapping("/note")
    Note note() {
        Note note = new Note();
        note.text = "kept";
        return notes.save(note);
    }

    @GetMapping("/hash")
    String hash() throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA3-256", "BC").digest("x".getBytes()));
    }

    @GetMapping("/pom")
    String pom() throws Exception {
        try (var found = new java.util.jar.JarFile(System.getProperty("java.class.path"))) {
            var entry = found.getEntry("META-INF/maven/demo/demo/pom.xml");
            return entry == null ? "none" : "pom of " + entry.getSize() + " bytes at " + entry.getTime();
        }
    }
}

@Entity
class Note {
    @Id @GeneratedValue public Long id;
    public String text;
}

interface Notes extends JpaRepository<Note, Long> {}
