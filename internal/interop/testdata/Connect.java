import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.PKIXRevocationChecker;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.CertPathTrustManagerParameters;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/**
 * Connects to TLS servers and checks revocation with PKIX. Each line of the
 * standard input is a connection: its number, the port, the file with the root,
 * and the options of PKIXRevocationChecker, separated by spaces. It prints the
 * number and "ok", or the number and why it refused the server.
 */
public class Connect {
    public static void main(String[] args) throws Exception {
        ExecutorService jobs = Executors.newCachedThreadPool();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        for (String line; (line = in.readLine()) != null; ) {
            String[] fields = line.split(" ");
            jobs.execute(() -> {
                String outcome = connect(fields);
                synchronized (System.out) {
                    System.out.println(fields[0] + " " + outcome.replace('\n', ' '));
                }
            });
        }
        System.exit(0);
    }

    static String connect(String[] fields) {
        try {
            Set<PKIXRevocationChecker.Option> options = EnumSet.noneOf(PKIXRevocationChecker.Option.class);
            for (int i = 3; i < fields.length; i++) {
                options.add(PKIXRevocationChecker.Option.valueOf(fields[i]));
            }
            X509Certificate root = (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(Files.readAllBytes(Path.of(fields[2]))));
            PKIXBuilderParameters parameters = new PKIXBuilderParameters(Set.of(new TrustAnchor(root, null)), new X509CertSelector());
            PKIXRevocationChecker checker = (PKIXRevocationChecker) CertPathBuilder.getInstance("PKIX").getRevocationChecker();
            checker.setOptions(options);
            parameters.addCertPathChecker(checker);
            TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
            trust.init(new CertPathTrustManagerParameters(parameters));
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            try (SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket("localhost", Integer.parseInt(fields[1]))) {
                SSLParameters verify = socket.getSSLParameters();
                verify.setEndpointIdentificationAlgorithm("HTTPS");
                socket.setSSLParameters(verify);
                socket.startHandshake();
            }
            return "ok";
        } catch (Throwable e) {
            while (e.getCause() != null) {
                e = e.getCause();
            }
            return e.getClass().getSimpleName() + ": " + e.getMessage();
        }
    }
}
