//! A guest that imports sockets, which no plugin may use.
//! It must be refused before any of it runs.

use kit::http::{Answer, Request, text};

kit::manifest!("../plugin.toml");
kit::pages!(serve);

fn serve(request: Request) -> Answer {
    let reached = std::net::TcpStream::connect(&request.authority);
    text(format!("{reached:?}"))
}
