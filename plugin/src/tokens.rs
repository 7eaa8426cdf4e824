//! Random tokens for links and sessions, and the hash that is stored in their place.
//! Lower-case letters and digits only, so that no mail program cuts an address short.

use crate::host::Host;
use sha2::{Digest, Sha256};

/// Crockford's base 32: no `i`, `l`, `o`, `u`, so that a token can be read out.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// 26 characters of 5 bits: 130 bits.
const LENGTH: usize = 26;

/// A new token.
pub fn new(host: &dyn Host) -> String {
    new_many(host, 1).pop().unwrap_or_default()
}

/// Many new tokens for one question to the generator.
pub fn new_many(host: &dyn Host, count: usize) -> Vec<String> {
    host.random(count * LENGTH)
        .chunks_exact(LENGTH)
        .map(|bytes| bytes.iter().map(character).collect())
        .collect()
}

fn character(byte: &u8) -> char {
    ALPHABET.get(usize::from(byte & 31)).copied().map_or('0', char::from)
}

/// The token a person's browser sent, or `None` when it cannot be one of ours.
pub fn read(text: &str) -> Option<String> {
    let token = text.to_ascii_lowercase();
    (token.len() == LENGTH && token.bytes().all(|byte| ALPHABET.contains(&byte))).then_some(token)
}

/// What is stored of a token: SHA-256 in hex.
pub fn hash(token: &str) -> String {
    Sha256::digest(token.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
