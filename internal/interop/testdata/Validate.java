import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateRevokedException;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/**
 * Validates the certificates in the chain.pem of each folder that it is given
 * against the root.pem there, with PKIX's own revocation checks, and prints a
 * line for each: "valid", or at which certificate it stopped and why.
 */
public class Validate {
    public static void main(String[] folders) throws Exception {
        for (String folder : folders) {
            System.out.println(validate(Path.of(folder)));
        }
    }

    static String validate(Path folder) throws IOException, GeneralSecurityException {
        X509Certificate root = (X509Certificate) read(folder.resolve("root.pem")).iterator().next();
        List<Certificate> chain = new ArrayList<>(read(folder.resolve("chain.pem")));
        PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(root, null)));
        parameters.setRevocationEnabled(true);
        try {
            CertPathValidator.getInstance("PKIX")
                .validate(CertificateFactory.getInstance("X.509").generateCertPath(chain), parameters);
            return "valid";
        } catch (CertPathValidatorException e) {
            String why = e.getReason() + " at " + e.getIndex() + ": ";
            if (e.getCause() instanceof CertificateRevokedException revoked) {
                return why + revoked.getRevocationReason() + " " + revoked.getRevocationDate().toInstant();
            }
            return why + e.getMessage();
        }
    }

    static Collection<? extends Certificate> read(Path pem) throws IOException, GeneralSecurityException {
        return CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(Files.readAllBytes(pem)));
    }
}
