//! The stylesheet, the script and the accent, each at an address that changes with its content
//! and may therefore be kept by browsers for ever.

use crate::{
    http::{Body, Method, Response},
    theme,
};

/// The stylesheet's name, with a hash of its content.
pub const CSS: &str = env!("PORTAL_CSS");
/// The script's name, with a hash of its content.
pub const JS: &str = env!("PORTAL_JS");

/// An asset by the name below `/assets/`.
pub fn serve(method: Method, name: &str) -> Response {
    let (media_type, body) = if name == CSS {
        (
            "text/css; charset=utf-8",
            Body::Static(include_bytes!("../../templates/assets/portal.css")),
        )
    } else if name == JS {
        (
            "text/javascript; charset=utf-8",
            Body::Static(include_bytes!("../../templates/assets/portal.js")),
        )
    } else if let Some(css) = theme::stylesheet(name) {
        ("text/css; charset=utf-8", Body::Bytes(css.into_bytes()))
    } else {
        let body = Body::Static(b"There is no such file here.\n");
        return Response {
            status: 404,
            headers: vec![("content-type", "text/plain; charset=utf-8".to_owned())],
            body,
        };
    };
    if !matches!(method, Method::Get | Method::Head) {
        return Response {
            status: 405,
            headers: vec![("allow", "GET, HEAD".to_owned())],
            body: Body::Empty,
        };
    }
    Response {
        status: 200,
        headers: vec![("content-type", media_type.to_owned())],
        body,
    }
    .with("cache-control", "public, max-age=31536000, immutable".to_owned())
}
