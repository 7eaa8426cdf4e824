//! The way into a new installation: a link that makes its first admin, printed when the host starts and nobody can sign in.
//! Kept in memory only: it ends with the process, after an hour, when it is used, and as soon as there is anybody.

use crate::AppState;
use jiff::{SignedDuration, Timestamp};
use platform::{TokenHash, new_token};
use std::sync::OnceLock;

/// How long the link works, in seconds.
const VALID_SECONDS: i64 = 60 * 60;

/// The link of this start, if one was made.
#[derive(Debug, Default)]
pub struct Bootstrap(OnceLock<Offer>);

#[derive(Debug)]
struct Offer {
    token: TokenHash,
    until: Timestamp,
}

impl Bootstrap {
    /// The token of the link; none when this start made one already.
    fn offer(&self, now: Timestamp) -> platform::Result<Option<String>> {
        let token = new_token()?;
        let offer = Offer {
            token: TokenHash::of(&token),
            until: now
                .saturating_add(SignedDuration::from_secs(VALID_SECONDS))
                .unwrap_or(now),
        };
        Ok(self.0.set(offer).is_ok().then_some(token))
    }
}

/// The address that makes the first admin, once per start; none when somebody can sign in already.
pub async fn link(state: &AppState) -> platform::Result<Option<String>> {
    if state.platform.staff().anybody().await? {
        return Ok(None);
    }
    let token = state.bootstrap.offer(state.platform.now())?;
    Ok(token.map(|token| format!("{}/sign-in/b/{token}", state.config.staff_url)))
}

/// Whether a link's token may (still) make the first admin.
pub async fn admits(state: &AppState, token: &str) -> platform::Result<bool> {
    let offered = state
        .bootstrap
        .0
        .get()
        .is_some_and(|offer| offer.token == TokenHash::of(token) && state.platform.now() < offer.until);
    Ok(offered && !state.platform.staff().anybody().await?)
}
