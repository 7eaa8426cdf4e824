//! The TLS settings of the client for text messages: Mozilla's roots, plus a private one if the operator names it.
//! The provider is named here, so that nothing depends on a process-wide default.

use super::ConfigError;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use std::sync::Arc;

/// The certificates in `pem`, at least one; `setting` names it in a refusal.
pub(super) fn certificates(setting: &str, pem: &str) -> Result<Vec<CertificateDer<'static>>, ConfigError> {
    let certificates = CertificateDer::pem_slice_iter(pem.as_bytes())
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| ConfigError(format!("{setting} is no PEM: {error}")))?;
    if certificates.is_empty() {
        return Err(ConfigError(format!(
            "{setting} holds no certificate; write the PEM text itself (-----BEGIN CERTIFICATE-----…), not the name of \
             a file"
        )));
    }
    Ok(certificates)
}

/// A client configuration that trusts the public roots and `private_roots` (PEM).
pub(super) fn client_config(private_roots: Option<&str>) -> Result<ClientConfig, ConfigError> {
    let mut roots = RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    };
    if let Some(pem) = private_roots {
        for certificate in certificates("sms.ca_certificate", pem)? {
            roots
                .add(certificate)
                .map_err(|error| ConfigError(format!("sms.ca_certificate cannot be used: {error}")))?;
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| ConfigError(format!("TLS cannot be set up: {error}")))?;
    Ok(versions.with_root_certificates(roots).with_no_client_auth())
}
