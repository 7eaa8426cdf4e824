//! Secrets: random tokens and their hashes, the signing key, booking addresses.
//! A plain token exists only in the answer that creates it; the store sees its SHA-256.

mod booking;
mod hash_queue;
mod password_rules;
mod passwords;
mod sealing;
mod throttle;

pub(crate) use booking::{booking_token, read_booking_token};
pub(crate) use password_rules::check_password;
pub use passwords::PasswordHashing;
pub(crate) use passwords::{PasswordHasher, Verdict};
pub(crate) use sealing::Seal;
pub(crate) use throttle::{Attempt, Throttle, sweep_throttles};

use std::fmt;

/// The installation's signing key. Never shown by `Debug`.
#[derive(Clone)]
pub struct SecretKey(pub(crate) Vec<u8>);

impl SecretKey {
    /// A key of at least 32 bytes.
    pub fn new(bytes: Vec<u8>) -> crate::Result<Self> {
        if bytes.len() < 32 {
            return Err(crate::Error::invalid(
                "secret_key",
                "too-short",
                "A secret key has at least 32 bytes.",
            ));
        }
        Ok(Self(bytes))
    }

    /// A new random key.
    pub fn random() -> crate::Result<Self> {
        Ok(Self(random_bytes::<32>()?.to_vec()))
    }

    /// A key for one purpose: the installation's key never signs anything itself.
    fn derive(&self, purpose: &str) -> crate::Result<Vec<u8>> {
        use hmac::{Hmac, KeyInit, Mac};
        let mut mac = Hmac::<sha2::Sha256>::new_from_slice(&self.0)
            .map_err(|_| crate::Error::Unavailable("The secret key cannot be used.".into()))?;
        mac.update(purpose.as_bytes());
        Ok(mac.finalize().into_bytes().to_vec())
    }

    /// A short name for something that must not be written down, for example a login nobody has: the same thing has the
    /// same name, and without the key nobody finds out what it stands for.
    pub(crate) fn fingerprint(&self, purpose: &str, text: &str) -> crate::Result<String> {
        let mut name = Self(self.derive(purpose)?).derive(text).map(|bytes| hex(&bytes))?;
        name.truncate(12);
        Ok(name)
    }

    /// The key's bytes, for whoever keeps it on disk.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(…)")
    }
}

/// SHA-256 of a token in lower-case hexadecimal: what is stored and looked up.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenHash(pub(crate) String);

impl TokenHash {
    /// The hash of a plain token.
    pub fn of(token: &str) -> Self {
        Self(sha256_hex(token.as_bytes()))
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(…)")
    }
}

/// A new token of 160 random bits in lower-case base32.
pub fn new_token() -> crate::Result<String> {
    Ok(base32(&random_bytes::<20>()?))
}

/// A new record id: a short prefix and 80 random bits.
pub(crate) fn new_id(prefix: &str) -> crate::Result<String> {
    Ok(format!("{prefix}_{}", base32(&random_bytes::<10>()?)))
}

pub(crate) fn random_bytes<const N: usize>() -> crate::Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| crate::Error::Unavailable("No randomness is available.".into()))?;
    Ok(bytes)
}

/// SHA-256 in lower-case hexadecimal.
pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    hex(&Sha256::digest(bytes))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Base32 without padding, in lower case and without letters that look like digits.
fn base32(bytes: &[u8]) -> String {
    const ALPHABET: [char; 32] = [
        'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'j', 'k', 'm', 'n', 'p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y',
        'z', '2', '3', '4', '5', '6', '7', '8', '9', '0',
    ];
    let (mut buffer, mut bits, mut out) = (0_u32, 0_u32, String::new());
    let push = |index: u32, out: &mut String| out.extend(ALPHABET.get((index & 31) as usize));
    for byte in bytes {
        buffer = (buffer << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            push(buffer >> bits, &mut out);
        }
        buffer &= (1 << bits) - 1;
    }
    if bits > 0 {
        push(buffer << (5 - bits), &mut out);
    }
    out
}
