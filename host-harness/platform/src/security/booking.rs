//! Booking tokens: signed, stateless, good for one customer of one company for a quarter of an hour.
//! They say who asks for work, nothing more: a booking page shows no customer data.

use super::SecretKey;
use crate::{Error, Result};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;

/// How long a token is good for.
const VALID_SECONDS: i64 = 15 * 60;
const PURPOSE: &str = "booking token 1";

pub(crate) fn booking_token(key: &SecretKey, company: &str, customer: &str, now: Timestamp) -> Result<String> {
    let payload = format!("{}\n{company}\n{customer}", now.as_second() + VALID_SECONDS);
    let signature = mac(key, &payload)?.finalize().into_bytes();
    Ok(format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(payload),
        URL_SAFE_NO_PAD.encode(signature)
    ))
}

/// The customer a live token of this company names.
pub(crate) fn read_booking_token(key: &SecretKey, company: &str, token: &str, now: Timestamp) -> Result<String> {
    let (payload, signature) = token.split_once('.').ok_or(Error::NotFound)?;
    let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).map_err(|_| Error::NotFound);
    let payload = String::from_utf8(decode(payload)?).map_err(|_| Error::NotFound)?;
    mac(key, &payload)?
        .verify_slice(&decode(signature)?)
        .map_err(|_| Error::NotFound)?;
    let mut parts = payload.splitn(3, '\n');
    let expires: Option<i64> = parts.next().and_then(|text| text.parse().ok());
    match (expires, parts.next(), parts.next()) {
        (Some(expires), Some(own), Some(customer)) if expires > now.as_second() && own == company => {
            Ok(customer.to_owned())
        }
        _ => Err(Error::NotFound),
    }
}

fn mac(key: &SecretKey, payload: &str) -> Result<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(&key.derive(PURPOSE)?)
        .map_err(|_| Error::Unavailable("The secret key cannot be used.".into()))?;
    mac.update(payload.as_bytes());
    Ok(mac)
}
