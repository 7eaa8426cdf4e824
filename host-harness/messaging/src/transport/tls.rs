//! The TLS settings of our own HTTP client: Mozilla's roots, plus a private one if the operator names it.
//! The provider is named here, so that nothing depends on a process-wide default.

use super::ConfigError;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use std::sync::Arc;

/// A client configuration that trusts the public roots and `private_roots` (PEM).
pub(super) fn client_config(private_roots: Option<&str>) -> Result<ClientConfig, ConfigError> {
    let mut roots = RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    };
    for certificate in CertificateDer::pem_slice_iter(private_roots.unwrap_or_default().as_bytes()) {
        let certificate = certificate.map_err(|error| ConfigError(format!("ca_certificate is no PEM: {error}")))?;
        roots
            .add(certificate)
            .map_err(|error| ConfigError(format!("ca_certificate cannot be used: {error}")))?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| ConfigError(format!("TLS cannot be set up: {error}")))?;
    Ok(versions.with_root_certificates(roots).with_no_client_auth())
}
