//! Every address of the portal in one table: method, pattern, who may ask and the page that
//! answers. A route that is not here does not exist; a test walks the table.

use crate::{
    Error,
    forms::Form,
    http::{Method, Response, percent_decode, percent_encode},
    pages,
    portal::{Portal, Visitor},
};

/// A page for anyone; the last argument is the `{id}` of the pattern, or empty.
pub type OpenPage = fn(&Portal<'_>, &str) -> Result<Response, Error>;
/// A page for a customer with a session.
pub type CustomerPage = fn(&Portal<'_>, &Visitor, &str) -> Result<Response, Error>;

/// Who may ask, and what answers.
#[derive(Clone, Copy)]
pub enum Handler {
    /// Links and sign-in: before there is a session.
    Anyone(OpenPage),
    /// Everything else.
    Customer(CustomerPage),
}

/// One address.
pub struct Route {
    /// `Get` answers `HEAD` too.
    pub method: Method,
    /// Path below the mount; `{id}` stands for one segment, `{rest}` for whatever else follows.
    pub pattern: &'static str,
    /// Who may ask, and what answers.
    pub handler: Handler,
}

impl Route {
    /// Whether `path` is this route's and can be read. What stands for broken links is no place to return to.
    fn is_place(&self, path: &str) -> bool {
        self.method == Method::Get && !self.pattern.contains("{rest}") && matches(self.pattern, path).is_some()
    }
}

/// What the table says about a request.
pub enum Found {
    /// The page and its `{id}`.
    Route(Handler, String),
    /// The address exists for these methods only; whether it is open to anyone.
    WrongMethod(String, bool),
    /// There is no such address.
    Nothing,
}

const fn get(pattern: &'static str, page: CustomerPage) -> Route {
    Route {
        method: Method::Get,
        pattern,
        handler: Handler::Customer(page),
    }
}

const fn post(pattern: &'static str, page: CustomerPage) -> Route {
    Route {
        method: Method::Post,
        pattern,
        handler: Handler::Customer(page),
    }
}

const fn open_get(pattern: &'static str, page: OpenPage) -> Route {
    Route {
        method: Method::Get,
        pattern,
        handler: Handler::Anyone(page),
    }
}

const fn open_post(pattern: &'static str, page: OpenPage) -> Route {
    Route {
        method: Method::Post,
        pattern,
        handler: Handler::Anyone(page),
    }
}

/// Every route of the portal, assets apart.
pub const ROUTES: &[Route] = &[
    get("/", pages::details::show),
    get("/details", pages::details::show),
    post("/details", pages::save_details::act),
    get("/details/email", pages::email::show),
    post("/details/email", pages::email::confirm),
    post("/details/email/code", pages::email::send_again),
    post("/details/email/cancel", pages::email::cancel),
    get("/request", pages::request::show),
    get("/requests", pages::requests::show),
    get("/jobs", pages::jobs::show),
    get("/jobs/{id}", pages::job::show),
    get("/projects", pages::projects::show),
    get("/projects/{id}", pages::project::show),
    get("/estimates", pages::estimates::show),
    get("/estimates/{id}", pages::estimate::show),
    get("/invoices", pages::invoices::show),
    get("/invoices/{id}", pages::invoice::show),
    get("/payments", pages::payments::show),
    get("/payments/{id}", pages::payment::show),
    get("/files/{id}", pages::file::show),
    get("/opened", pages::opened::show),
    open_post("/language", pages::language::choose),
    get("/account", pages::account::show),
    get("/account/password", pages::account_password::show),
    post("/account/password", pages::account_password::act),
    post("/account/devices/{id}", pages::account::sign_out_device),
    post("/account/sign-out-others", pages::account::sign_out_others),
    post("/sign-out", pages::sign_out::act),
    open_get("/l/{id}", pages::link::show),
    open_post("/l/{id}", pages::link::exchange),
    // A link that a mail program broke or joined to other text is a link that no longer opens.
    open_get("/l/{rest}", pages::link::show),
    open_post("/l/{rest}", pages::link::exchange),
    open_get("/fresh-link", pages::fresh_link::show),
    open_post("/fresh-link", pages::fresh_link::send),
    open_get("/sign-in", pages::sign_in::show),
    open_post("/sign-in", pages::sign_in::act),
    open_get("/sign-up", pages::sign_up::show),
    open_post("/sign-up", pages::sign_up::act),
    open_get("/sign-up/code", pages::sign_up_code::show),
    open_post("/sign-up/code", pages::sign_up_code::act),
    open_post("/sign-up/code/again", pages::sign_up_code::again),
    open_get("/forgot", pages::forgot::show),
    open_post("/forgot", pages::forgot::act),
    // One letter, like `/l/`: what follows it never reaches a log.
    open_get("/r/{id}", pages::reset::show),
    open_post("/r/{id}", pages::reset::act),
    open_get("/r/{rest}", pages::reset::show),
    open_post("/r/{rest}", pages::reset::act),
];

/// The longest `{id}`: a record's id has at most 64 bytes.
const LONGEST_ID: usize = 64;

/// Looks an address up.
pub fn find(method: Method, path: &str) -> Found {
    let mut allowed: Vec<&'static str> = Vec::new();
    let mut open = false;
    for route in ROUTES {
        let Some(id) = matches(route.pattern, path) else {
            continue;
        };
        let method = if method == Method::Head { Method::Get } else { method };
        if route.method == method {
            return Found::Route(route.handler, id);
        }
        let methods = if route.method == Method::Get {
            "GET, HEAD"
        } else {
            "POST"
        };
        if !allowed.contains(&methods) {
            allowed.push(methods);
        }
        open = matches!(route.handler, Handler::Anyone(_));
    }
    if allowed.is_empty() {
        Found::Nothing
    } else {
        Found::WrongMethod(allowed.join(", "), open)
    }
}

/// Whether `path` is a page that a customer may be sent to after signing in or choosing a language;
/// an address elsewhere never is, nor one with a character that cannot stand in a header.
pub fn is_page(path: &str) -> bool {
    path.bytes().all(|byte| byte.is_ascii_graphic())
        && matches!(find(Method::Get, path), Found::Route(Handler::Customer(_), _))
}

/// The page that an address belongs to, to return to it: the address itself where it is a page, else
/// the nearest one above it (a form's own page), else the main page. Of a query only the page to go
/// on to after signing in is kept; nothing leads out of the portal.
pub fn way_back(target: &str) -> String {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut path = if path.bytes().all(|byte| byte.is_ascii_graphic()) {
        path
    } else {
        "/"
    };
    while !ROUTES.iter().any(|route| route.is_place(path)) {
        path = path.rsplit_once('/').map_or("", |(above, _)| above);
        if path.is_empty() {
            path = "/";
        }
    }
    let query = Form::parse(query).unwrap_or_default();
    match query.get("next").filter(|next| is_page(next)) {
        Some(next) => format!("{path}?next={}", percent_encode(next)),
        None => path.to_owned(),
    }
}

/// Whether `path` is about how the customer signs in and where: nobody's business but theirs.
pub fn is_account(path: &str) -> bool {
    path == "/account" || path.starts_with("/account/")
}

fn matches(pattern: &str, path: &str) -> Option<String> {
    if let Some((before, _)) = pattern.split_once("{rest}") {
        return path.starts_with(before).then(String::new);
    }
    let Some((before, _)) = pattern.split_once("{id}") else {
        return (pattern == path).then(String::new);
    };
    let segment = path.strip_prefix(before)?;
    if segment.is_empty() || segment.contains('/') {
        return None;
    }
    let id = percent_decode(segment, false)?;
    (id.len() <= LONGEST_ID).then_some(id)
}
