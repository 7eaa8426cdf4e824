//! Sealing of message bodies at rest: they hold links whose tokens must not lie readable in the database.
//! ChaCha20-Poly1305 under a key derived from the installation's; a random nonce before each text.

use super::{SecretKey, random_bytes};
use crate::{Error, Result};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

/// Seals and opens.
pub(crate) struct Seal(LessSafeKey);

impl Seal {
    pub(crate) fn new(key: &SecretKey) -> Result<Self> {
        let key = UnboundKey::new(&CHACHA20_POLY1305, &key.derive("message bodies 1")?)
            .map_err(|_| Error::Unavailable("The secret key cannot be used.".into()))?;
        Ok(Self(LessSafeKey::new(key)))
    }

    /// `place` is the record's id: a sealed text moved to another record does not open.
    pub(crate) fn seal(&self, place: &str, text: &str) -> Result<Vec<u8>> {
        let nonce = random_bytes::<NONCE_LEN>()?;
        let mut body = text.as_bytes().to_vec();
        self.0
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(place), &mut body)
            .map_err(|_| Error::Unavailable("The message cannot be sealed.".into()))?;
        Ok([nonce.as_slice(), &body].concat())
    }

    pub(crate) fn open(&self, place: &str, sealed: &[u8]) -> Result<String> {
        let damaged = || Error::corrupt("a sealed message does not open with this installation's key");
        let (nonce, body) = sealed.split_first_chunk::<NONCE_LEN>().ok_or_else(damaged)?;
        let mut body = body.to_vec();
        let text = self
            .0
            .open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(place), &mut body)
            .map_err(|_| damaged())?;
        String::from_utf8(text.to_vec()).map_err(|_| damaged())
    }
}
