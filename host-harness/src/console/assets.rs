//! The console's stylesheet, script and icons, served from the program itself.
//! Their address carries a hash of their content, so that browsers may keep them for ever.

use crate::web::Failure;
use axum::{
    extract::Path,
    http::header,
    response::{IntoResponse, Response},
};
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

struct Asset {
    name: &'static str,
    content_type: &'static str,
    content: &'static [u8],
}

const ASSETS: [Asset; 3] = [
    Asset {
        name: "console.css",
        content_type: "text/css; charset=utf-8",
        content: include_bytes!("../../assets/console/console.css"),
    },
    Asset {
        name: "console.js",
        content_type: "text/javascript; charset=utf-8",
        content: include_bytes!("../../assets/console/console.js"),
    },
    Asset {
        name: "icons.svg",
        content_type: "image/svg+xml",
        content: include_bytes!("../../assets/console/icons.svg"),
    },
];

static HASH: LazyLock<String> = LazyLock::new(|| {
    let mut hasher = Sha256::new();
    for asset in &ASSETS {
        hasher.update(asset.content);
    }
    hasher
        .finalize()
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
});

/// The address of an asset, for templates.
pub(super) fn address(name: &str) -> String {
    format!("/-/console/{}/{name}", *HASH)
}

/// `GET /-/console/{hash}/{name}`. A page from before an upgrade asks by an old hash: it gets the
/// present content, but not to keep.
pub(super) async fn serve(Path((hash, name)): Path<(String, String)>) -> Result<Response, Failure> {
    let asset = ASSETS
        .iter()
        .find(|asset| asset.name == name)
        .ok_or_else(Failure::not_found)?;
    let cache = if hash == *HASH {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    Ok((
        [
            (header::CONTENT_TYPE, asset.content_type),
            (header::CACHE_CONTROL, cache),
        ],
        asset.content,
    )
        .into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn assets_stay_within_their_budget() {
        let size = |name: &str| {
            ASSETS
                .iter()
                .find(|asset| asset.name == name)
                .map_or(0, |asset| asset.content.len())
        };
        assert!(size("console.css") <= 25 * 1024, "stylesheet over 25 KB");
        assert!(size("console.js") <= 12 * 1024, "script over 12 KB");
    }

    #[tokio::test]
    async fn only_the_present_hash_is_kept_for_ever() {
        let cache = |hash: String| async {
            let response = serve(Path((hash, "console.css".to_owned()))).await.ok();
            response.and_then(|r| {
                r.headers()
                    .get(header::CACHE_CONTROL)
                    .and_then(|v| v.to_str().ok().map(str::to_owned))
            })
        };
        assert_eq!(
            cache(HASH.clone()).await.as_deref(),
            Some("public, max-age=31536000, immutable")
        );
        assert_eq!(cache("old".to_owned()).await.as_deref(), Some("no-cache"));
        assert!(serve(Path((HASH.clone(), "../Cargo.toml".to_owned()))).await.is_err());
    }
}
