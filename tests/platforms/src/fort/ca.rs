//! An authority of one test's own, and certificates from it.

use anyhow::Context;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose,
};

/// Signs for any name. Each is another: what one has signed is nothing to those who trust another.
pub struct Ca(CertifiedIssuer<'static, KeyPair>);

/// A certificate and its key, both as PEM.
pub struct Identity {
    pub certificate_pem: String,
    pub key_pem: String,
}

impl Ca {
    #[expect(clippy::new_without_default, reason = "two are never the same")]
    pub fn new() -> Self {
        let mut ca = CertificateParams::default();
        ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        ca.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
        ca.distinguished_name.push(DnType::CommonName, "Fort Test Authority");
        // Nothing here comes from outside, so only a kernel without randomness could make it fail.
        let key = KeyPair::generate().expect("a key can be made");
        Self(CertifiedIssuer::self_signed(ca, key).expect("an authority can sign for itself"))
    }

    /// Its own certificate: what a client has to trust.
    pub fn pem(&self) -> String {
        self.0.pem()
    }

    /// For a server with these host names or addresses, and for no other.
    ///
    /// # Errors
    /// A name is not ASCII.
    pub fn certificate(&self, names: &[&str]) -> anyhow::Result<Identity> {
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        let mut server = CertificateParams::new(names).context("failed to name the server")?;
        server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        self.sign(server)
    }

    /// For a client with this common name; the record shows it as `CN=<name>`.
    ///
    /// # Errors
    /// The name can't be in a certificate.
    pub fn client(&self, common_name: &str) -> anyhow::Result<Identity> {
        let mut client = CertificateParams::default();
        client.distinguished_name = rcgen::DistinguishedName::new();
        client.distinguished_name.push(DnType::CommonName, common_name);
        client.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        self.sign(client)
    }

    fn sign(&self, mut whom: CertificateParams) -> anyhow::Result<Identity> {
        whom.use_authority_key_identifier_extension = true;
        whom.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        let key = KeyPair::generate().context("failed to make a key")?;
        let certificate = whom.signed_by(&key, &self.0).context("failed to sign")?;
        Ok(Identity { certificate_pem: certificate.pem(), key_pem: key.serialize_pem() })
    }
}
