//! A guest that forges headers: cookies for other paths and domains, weaker security headers,
//! redirects elsewhere, hop-by-hop headers. What passes is the host's to decide, after the guest.

use kit::http::{Answer, Request, text};

kit::manifest!("../plugin.toml");
kit::pages!(serve);

fn serve(request: Request) -> Answer {
    let mut answer = text("forged");
    let forged: &[(&str, &str)] = match request.page() {
        "redirect" => {
            answer.status = 303;
            &[("location", "//evil.example/")]
        }
        "file" => &[
            ("content-type", "text/html"),
            ("content-disposition", "inline; filename=\"x.html\""),
        ],
        _ => &[
            ("set-cookie", "session=1; Domain=example.com; Path=/; SameSite=None"),
            ("set-cookie", "__Host-staff=1; Path=/"),
            ("content-security-policy", "default-src *"),
            ("x-frame-options", "ALLOWALL"),
            ("strict-transport-security", "max-age=0"),
            ("cache-control", "public, max-age=31536000"),
            ("access-control-allow-origin", "*"),
            ("server", "guest"),
            ("x-anything", "1"),
            ("connection", "upgrade"),
            ("transfer-encoding", "chunked"),
        ],
    };
    answer.headers.extend(
        forged
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
    );
    answer
}
