//! One request: finding the company, the visitor and the page, and turning every refusal of the
//! host into a page with a way on.

use crate::{
    Error, assets,
    bindings::fieldservice::plugins::{
        activity,
        company::CompanyProfile,
        customers::{Contact, Summary, Viewing},
        types::Moment,
    },
    device::Device,
    host::{Customer, Host},
    http::{Method, Request, Response, percent_encode},
    i18n::{self, Words},
    pages,
    routes::{self, Found, Handler},
    session::{self, Live, Session, Stage},
    settings::Settings,
    view::Section,
};

/// The company's portal during one request.
pub struct Portal<'a> {
    /// The host.
    pub host: &'a dyn Host,
    /// What was asked.
    pub request: &'a Request,
    /// The company.
    pub company: CompanyProfile,
    /// Its settings.
    pub settings: Settings,
    /// Words in the reader's language.
    pub words: Words,
    /// The present moment.
    pub now: Moment,
    /// Absolute address of the portal, without a trailing slash.
    pub mount_url: String,
    /// Path of that address; every link of a page starts with it.
    pub base: String,
    /// Set while staff look at the portal as a customer.
    pub look: Option<Look>,
}

/// A look at the portal by staff: one customer's pages without a session. Nothing is changed and
/// nothing counts as viewed; the host refuses whatever tries.
pub struct Look {
    /// Whose pages, who looks, and where it ends.
    pub viewing: Viewing,
    /// The customer's name.
    pub name: String,
}

/// A customer with a session, or staff looking as one.
pub struct Visitor {
    /// The session.
    pub live: Live,
    /// The customer's records.
    pub customer: Box<dyn Customer>,
    /// Contact details.
    pub contact: Contact,
    /// Counts per section, when the company hides empty ones.
    pub counts: Option<Summary>,
}

/// Answers one request.
pub fn handle(host: &dyn Host, request: &Request) -> Response {
    let response = answer(host, request);
    if request.method == Method::Head {
        response.without_body()
    } else {
        response
    }
}

fn answer(host: &dyn Host, request: &Request) -> Response {
    let mount_url = host.mount_url();
    let base = path_of(&mount_url).to_owned();
    let Some(path) = under(&base, request.path()) else {
        return pages::error::outside();
    };
    if let Some(name) = path.strip_prefix("/assets/") {
        return assets::serve(request.method, name);
    }
    let mut portal = match Portal::open(host, request, mount_url, base) {
        Ok(portal) => portal,
        Err(error) => return pages::error::without_company(&error),
    };
    let reads = matches!(request.method, Method::Get | Method::Head);
    if portal.look.is_some() && !reads {
        return pages::error::read_only(&portal, None);
    }
    match routes::find(request.method, path) {
        // Links, sign-in and devices are about a session, and a look has none.
        Found::Route(handler, _)
            if portal.look.is_some() && (matches!(handler, Handler::Anyone(_)) || routes::is_account(path)) =>
        {
            Response::see_other(portal.href("/"))
        }
        Found::Route(Handler::Anyone(page), id) => {
            portal.words = portal.words_before_signing_in();
            page(&portal, &id).unwrap_or_else(|error| pages::error::show(&portal, None, &error))
        }
        Found::WrongMethod(allowed, true) => pages::error::wrong_method(&portal, None, &allowed),
        found => {
            let visitor = match portal.visitor() {
                Ok(Some(visitor)) => visitor,
                Ok(None) => return portal.ask_to_sign_in(path, &found),
                Err(error) => return pages::error::show(&portal, None, &error),
            };
            portal.words = portal.words_for(&visitor.contact.language);
            let result = match found {
                Found::Route(Handler::Customer(page), id) => page(&portal, &visitor, &id),
                Found::WrongMethod(allowed, _) => {
                    return pages::error::wrong_method(&portal, Some(&visitor), &allowed);
                }
                Found::Route(Handler::Anyone(_), _) | Found::Nothing => Err(Error::NotFound),
            };
            result.unwrap_or_else(|error| pages::error::show(&portal, Some(&visitor), &error))
        }
    }
}

impl<'a> Portal<'a> {
    fn open(host: &'a dyn Host, request: &'a Request, mount_url: String, base: String) -> Result<Self, Error> {
        let company = host.profile()?;
        let settings = Settings::read(&host.settings()?);
        let now = host.now();
        let words = words(request, &company, &now, [pages::language::kept(request), ""]);
        let look = match host.viewing_as() {
            Some(viewing) => {
                let contact = host.customer(&viewing.customer)?.contact()?;
                Some(Look {
                    viewing,
                    name: full_name(&contact),
                })
            }
            None => None,
        };
        Ok(Self {
            host,
            request,
            company,
            settings,
            words,
            now,
            mount_url,
            base,
            look,
        })
    }

    /// The customer's stored choice wins over the one this browser keeps.
    fn words_for(&self, stored: &str) -> Words {
        let wanted = [stored, pages::language::kept(self.request)];
        words(self.request, &self.company, &self.now, wanted)
    }

    /// Words of a page for anyone. Who is only signing up cannot store a choice yet, so what this
    /// browser keeps is the newer one.
    fn words_before_signing_in(&self) -> Words {
        // A page is not refused for want of its language; what it needs itself it asks for again.
        let Some((stage, stored)) = self.stored_language().ok().flatten() else {
            return self.words_for("");
        };
        match stage {
            Stage::Portal => self.words_for(&stored),
            Stage::SignUp => {
                let wanted = [pages::language::kept(self.request), stored.as_str()];
                words(self.request, &self.company, &self.now, wanted)
            }
        }
    }

    /// The language on file of whoever has a session; asking for it is no use of the session.
    fn stored_language(&self) -> Result<Option<(Stage, String)>, Error> {
        let Some(live) = session::find(self.host, &self.settings, self.cookie(), false)? else {
            return Ok(None);
        };
        let (stage, customer) = (live.session.stage, &live.session.customer);
        // Somebody signed up in the meantime: nothing is told any more without the password.
        if stage == Stage::SignUp && self.host.password_status(customer)?.registered {
            return Ok(None);
        }
        Ok(Some((stage, self.host.customer(customer)?.contact()?.language)))
    }

    /// The session's cookie, as the browser sent it.
    pub fn cookie(&self) -> Option<&str> {
        self.request.cookie(session::COOKIE)
    }

    /// What the browser calls itself.
    pub fn device(&self) -> Device {
        Device::of(self.request.header("user-agent").unwrap_or_default())
    }

    /// The live session, at whatever stage.
    pub fn live(&self) -> Result<Option<Live>, Error> {
        // Only a page that was really read counts as use.
        let touch = self.request.method != Method::Head;
        session::find(self.host, &self.settings, self.cookie(), touch)
    }

    /// The customer whose session this is; `None` when there is none.
    pub fn visitor(&self) -> Result<Option<Visitor>, Error> {
        let live = match &self.look {
            Some(look) => Some(self.borrowed(&look.viewing.customer)),
            None => self.live()?.filter(|live| live.session.stage == Stage::Portal),
        };
        let Some(live) = live else { return Ok(None) };
        let customer = match self.host.customer(&live.session.customer) {
            Ok(customer) => customer,
            // The company removed the customer: the session has nobody left.
            Err(Error::NotFound) => return Ok(None),
            Err(error) => return Err(error),
        };
        let contact = customer.contact()?;
        let counts = if self.settings.hide_empty_sections {
            Some(customer.summary()?)
        } else {
            None
        };
        Ok(Some(Visitor {
            live,
            customer,
            contact,
            counts,
        }))
    }

    /// What stands in for a session during a look; no cookie names it and nothing stores it.
    fn borrowed(&self, customer: &str) -> Live {
        let now = self.now.unix_seconds;
        Live {
            hash: String::new(),
            session: Session::new(customer, Stage::Portal, None, "", Device::default(), now),
        }
    }

    /// Path and query of this request below the mount.
    pub fn target(&self) -> &str {
        self.request.target.strip_prefix(&self.base).unwrap_or("/")
    }

    /// An address within the portal, from a path that starts with `/`.
    pub fn href(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// Whether the company shows a section at all.
    pub fn shows(&self, section: Section) -> bool {
        let settings = &self.settings;
        match section {
            Section::Details => true,
            Section::Request => settings.show_requests,
            Section::Jobs => settings.show_jobs,
            Section::Projects => settings.show_projects,
            Section::Estimates => settings.show_estimates,
            Section::Invoices => settings.show_invoices,
            Section::Payments => settings.show_payments,
        }
    }

    /// `NotFound` for a section the company switched off.
    pub fn require(&self, section: Section) -> Result<(), Error> {
        if self.shows(section) {
            Ok(())
        } else {
            Err(Error::NotFound)
        }
    }

    /// Put one entry on the customer's timeline. A timeline that is out of order must not keep the
    /// customer from the page, so a refusal is passed over; `HEAD` is nobody reading, and staff are
    /// not the customer.
    pub fn record(&self, customer: &str, kind: activity::Kind, subject: activity::Subject, summary: String, via: &str) {
        if self.request.method == Method::Head || self.look.is_some() {
            return;
        }
        let summary = summary.chars().filter(|c| !c.is_control()).take(300).collect();
        let entry = activity::Entry {
            customer: customer.to_owned(),
            kind,
            subject,
            summary,
            via: via.chars().take(200).collect(),
        };
        let _ = self.host.record(&[entry]);
    }

    /// The same for the visitor of this request.
    pub fn note(&self, visitor: &Visitor, kind: activity::Kind, subject: activity::Subject, summary: String) {
        self.record(
            &visitor.live.session.customer,
            kind,
            subject,
            summary,
            &visitor.live.session.via,
        );
    }

    /// The answer to whoever has no session. A form is not sent elsewhere: what was typed is one step
    /// back then. Signing out is what has happened already.
    fn ask_to_sign_in(&self, path: &str, found: &Found) -> Response {
        if self.request.method == Method::Post && path != "/sign-out" {
            return pages::error::visit_over(self, path);
        }
        let page = matches!(found, Found::Route(Handler::Customer(_), _)) && self.request.method != Method::Post;
        Response::see_other(self.sign_in_href(if page { path } else { "/" }))
    }

    /// Address of *Sign In* that leads on to a page.
    pub fn sign_in_href(&self, next: &str) -> String {
        let mut href = self.href("/sign-in");
        if next != "/" {
            href.push_str("?next=");
            href.push_str(&percent_encode(next));
        }
        href
    }
}

/// Words in the first of these languages that there is a file for, else in the browser's or the company's.
fn words(request: &Request, company: &CompanyProfile, now: &Moment, wanted: [&str; 2]) -> Words {
    let accept = request.header("accept-language").unwrap_or_default();
    let chosen = wanted.into_iter().find(|tag| i18n::find(tag).is_some());
    Words::choose(chosen.unwrap_or_default(), accept, company, now.local.date)
}

/// The customer's name as staff know it: the person, or else the business.
fn full_name(contact: &Contact) -> String {
    let person = [contact.first_name.as_str(), contact.last_name.as_str()].join(" ");
    match person.trim() {
        "" => contact.company_name.clone(),
        name => name.to_owned(),
    }
}

/// The path of an absolute address, without a trailing slash.
fn path_of(url: &str) -> &str {
    let after_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    after_scheme
        .find('/')
        .and_then(|at| after_scheme.get(at..))
        .unwrap_or_default()
        .trim_end_matches('/')
}

/// The path below the mount, starting with `/`.
fn under<'p>(base: &str, path: &'p str) -> Option<&'p str> {
    match path.strip_prefix(base)? {
        "" => Some("/"),
        rest if rest.starts_with('/') => Some(rest),
        _ => None,
    }
}
