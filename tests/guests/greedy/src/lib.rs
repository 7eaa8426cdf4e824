//! A guest that takes too much of everything, and asks for what is not its own: one page for each way.
//! Anywhere else it answers, so that a test can see it would.

mod answers;
mod hoards;
mod lines;
mod lists;
mod strangers;

use kit::http::{Answer, Request, text};

kit::manifest!("../plugin.toml");
kit::pages!(serve);

fn serve(request: Request) -> Answer {
    let number = request.number();
    match request.page() {
        "headers" => answers::headers(number),
        "long-header" => answers::long_header(number),
        "trailers" => answers::trailers(),
        "status" => answers::status(number),
        "less" => answers::less_than_announced(),
        "more" => answers::more_than_announced(),
        "crumbs" => answers::crumbs(number),
        "crash" => answers::crash(number),
        "endless" => answers::endless(),
        "trickle" => answers::trickle(),
        "handles" => hoards::customers(),
        "documents" => hoards::documents(),
        "bodies" => hoards::bodies(),
        "pollables" => hoards::pollables(),
        "header-maps" => hoards::header_maps(),
        "keys" => lists::keys(number),
        "entries" => lists::entries(number),
        "bytes" => lists::bytes(number),
        "activity" => lists::activity(number),
        "poll" => lists::poll(number),
        "zeroes" => lists::zeroes(),
        "log" => lines::flood(number),
        "forge" => lines::forge(&request.path),
        "foreign-keys" => strangers::keys(),
        "foreign-customers" => strangers::customers(),
        _ => text("fine"),
    }
}
