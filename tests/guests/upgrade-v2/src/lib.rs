//! Version 2 of a plugin: says so before and after it asked the host for something that takes a while,
//! so that an answer made of two versions would show.

use kit::{
    http::{Answer, Request, text},
    pages::fieldservice::plugins::storage,
};

kit::manifest!("../plugin.toml");
kit::pages!(serve);

const VERSION: &str = "v2";

fn serve(_: Request) -> Answer {
    let before = VERSION;
    let waited = storage::get("slow").is_ok();
    text(format!("{before} {VERSION} {waited}"))
}
