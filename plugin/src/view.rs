//! What several pages show: the frame around a page, statuses, files, lines and totals, as the
//! templates want them. All text here is still unescaped; askama escapes it.

use crate::{
    assets,
    bindings::fieldservice::plugins::{
        customers::File,
        types::{Address, FieldError, Status, Tone},
    },
    i18n::Words,
    pages::language,
    portal::{Portal, Visitor},
    routes, theme,
};

/// A tab of the portal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    /// *My Details*, the main page.
    Details,
    /// *Submit Request*.
    Request,
    /// *My Jobs*.
    Jobs,
    /// *My Projects*.
    Projects,
    /// *My Estimates*.
    Estimates,
    /// *My Invoices*.
    Invoices,
    /// *My Payments*.
    Payments,
}

/// The tabs in their order.
pub const SECTIONS: [Section; 7] = [
    Section::Details,
    Section::Request,
    Section::Jobs,
    Section::Projects,
    Section::Estimates,
    Section::Invoices,
    Section::Payments,
];

impl Section {
    /// The address below the mount.
    pub fn path(self) -> &'static str {
        match self {
            Self::Details => "/",
            Self::Request => "/request",
            Self::Jobs => "/jobs",
            Self::Projects => "/projects",
            Self::Estimates => "/estimates",
            Self::Invoices => "/invoices",
            Self::Payments => "/payments",
        }
    }

    /// The words on the tab.
    pub fn label(self, words: &Words) -> &'static str {
        match self {
            Self::Details => words.my_details(),
            Self::Request => words.submit_request(),
            Self::Jobs => words.my_jobs(),
            Self::Projects => words.my_projects(),
            Self::Estimates => words.my_estimates(),
            Self::Invoices => words.my_invoices(),
            Self::Payments => words.my_payments(),
        }
    }
}

/// One tab as drawn.
pub struct Tab {
    /// Where it leads.
    pub href: String,
    /// Its words.
    pub label: &'static str,
    /// Whether it is the present page's.
    pub current: bool,
    /// Whether it opens beside the portal.
    pub new_tab: bool,
}

/// A language one can switch to.
pub struct LanguageChoice {
    /// Its tag.
    pub tag: &'static str,
    /// Its name in itself.
    pub name: &'static str,
    /// Whether the page is in it.
    pub current: bool,
}

/// What stands above every page while staff look at it as a customer.
pub struct Banner {
    /// Who sees what.
    pub text: String,
    /// Where the form posts that ends it.
    pub end_url: String,
}

/// The frame around a page.
pub struct Layout<'a> {
    /// Words in the reader's language.
    pub w: &'a Words,
    /// The company.
    pub company: &'a crate::bindings::fieldservice::plugins::company::CompanyProfile,
    /// Path of the portal.
    pub base: &'a str,
    /// What the window is called, without the company's name.
    pub title: String,
    /// BCP 47 tag of the page.
    pub locale: String,
    /// Tabs; none before there is a session.
    pub tabs: Vec<Tab>,
    /// Whether the customer signed in with a password: then the header leads to it, too.
    pub signed_in: bool,
    /// Languages to choose from; none while staff look at the portal as a customer.
    pub languages: Vec<LanguageChoice>,
    /// Where the reader is, below the mount, to return to after choosing a language.
    pub path: String,
    /// First letter of the company's name, for companies without a logo.
    pub monogram: String,
    /// Address of the accent's stylesheet.
    pub theme: String,
    /// Set while staff look at the portal as a customer.
    pub banner: Option<Banner>,
}

impl<'a> Layout<'a> {
    /// The frame of a page for anyone.
    pub fn open(portal: &'a Portal<'_>, title: &str) -> Self {
        Self {
            w: &portal.words,
            company: &portal.company,
            base: &portal.base,
            title: title.to_owned(),
            locale: portal.words.locale(),
            tabs: Vec::new(),
            signed_in: false,
            languages: language::choices(portal),
            path: routes::way_back(portal.target()),
            monogram: portal
                .company
                .name
                .chars()
                .next()
                .map(|c| c.to_uppercase().collect())
                .unwrap_or_default(),
            theme: theme::file_name(portal.company.accent.as_deref()),
            banner: portal.look.as_ref().map(|look| Banner {
                text: portal.words.look_banner(&look.name),
                end_url: look.viewing.end_url.clone(),
            }),
        }
    }

    /// The frame of a customer's page; `path` is the page's own below the mount.
    pub fn customer(
        portal: &'a Portal<'_>,
        visitor: &Visitor,
        section: Option<Section>,
        title: &str,
        path: &str,
    ) -> Self {
        let tabs = SECTIONS
            .into_iter()
            .filter(|tab| shown(portal, visitor, *tab) || section == Some(*tab));
        Self {
            tabs: tabs
                .map(|tab| Tab {
                    href: portal.href(tab.path()),
                    label: tab.label(&portal.words),
                    current: section == Some(tab),
                    new_tab: tab == Section::Request,
                })
                .collect(),
            signed_in: visitor.live.session.link.is_none() && portal.look.is_none(),
            path: path.to_owned(),
            ..Self::open(portal, title)
        }
    }

    /// The telephone as a `tel:` link takes it.
    pub fn dial(&self) -> String {
        self.company
            .phone
            .chars()
            .filter(|c| c.is_ascii_digit() || *c == '+')
            .collect()
    }

    /// Address of the stylesheet.
    pub fn css(&self) -> String {
        format!("{}/assets/{}", self.base, assets::CSS)
    }

    /// Address of the script.
    pub fn js(&self) -> String {
        format!("{}/assets/{}", self.base, assets::JS)
    }
}

fn shown(portal: &Portal<'_>, visitor: &Visitor, section: Section) -> bool {
    if !portal.shows(section) {
        return false;
    }
    let Some(counts) = &visitor.counts else { return true };
    match section {
        Section::Details | Section::Request => true,
        Section::Jobs => counts.jobs.open + counts.jobs.past > 0,
        Section::Projects => counts.projects.open + counts.projects.past > 0,
        Section::Estimates => counts.estimates.open + counts.estimates.past > 0,
        Section::Invoices => counts.invoices.open + counts.invoices.past > 0,
        Section::Payments => counts.payments > 0,
    }
}

/// A status as drawn: word, icon and colour, so that no one of them has to carry it alone.
pub struct StatusView {
    /// The word.
    pub label: String,
    /// Class of the colour.
    pub tone: &'static str,
    /// Id of the icon.
    pub icon: &'static str,
}

impl StatusView {
    /// The company's own word in its own language; in another language the file's word for a
    /// status everybody has.
    pub fn new(words: &Words, status: &Status) -> Self {
        let translated = if words.company_language {
            None
        } else {
            words.find(&format!("status-{}", status.code.replace('_', "-")))
        };
        let (tone, icon) = tone(status.tone);
        Self {
            label: translated.map_or_else(|| status.label.clone(), str::to_owned),
            tone,
            icon,
        }
    }
}

/// Class and icon of a tone.
pub fn tone(tone: Tone) -> (&'static str, &'static str) {
    match tone {
        Tone::Neutral => ("neutral", "dot"),
        Tone::Info => ("info", "clock"),
        Tone::Success => ("success", "check"),
        Tone::Warning => ("warning", "alert"),
        Tone::Danger => ("danger", "alert"),
    }
}

/// A file as drawn.
pub struct FileView {
    /// Its name.
    pub name: String,
    /// Kind, size and day.
    pub about: String,
    /// Icon of its kind.
    pub icon: &'static str,
    /// Where it is viewed, when a browser can.
    pub view: Option<String>,
    /// Where it is downloaded.
    pub download: String,
}

/// Files as drawn.
pub fn files(portal: &Portal<'_>, files: &[File]) -> Vec<FileView> {
    let words = &portal.words;
    files
        .iter()
        .map(|file| {
            let href = portal.href(&format!("/files/{}", crate::http::percent_encode(&file.id)));
            let (kind, icon) = match file.media_type.as_str() {
                "application/pdf" => (words.file_pdf(), "document"),
                image if image.starts_with("image/") => (words.file_image(), "image"),
                _ => (words.file_other(), "document"),
            };
            FileView {
                name: file.name.clone(),
                about: format!(
                    "{kind} · {} · {}",
                    words.file_size(file.size),
                    words.date(&file.added.local.date)
                ),
                icon,
                download: format!("{href}?download"),
                view: file.viewable.then_some(href),
            }
        })
        .collect()
}

/// A fact of a record: what and which.
pub struct Fact {
    /// What.
    pub label: &'static str,
    /// Which.
    pub value: String,
    /// Where it leads, when it leads somewhere.
    pub href: Option<String>,
}

impl Fact {
    /// A fact that leads nowhere; none when it is empty.
    pub fn text(label: &'static str, value: &str) -> Option<Self> {
        (!value.is_empty()).then(|| Self {
            label,
            value: value.to_owned(),
            href: None,
        })
    }

    /// A fact that leads to a record, when that section is shown.
    pub fn link(
        portal: &Portal<'_>,
        section: Section,
        label: &'static str,
        record: Option<&(String, String)>,
    ) -> Option<Self> {
        let (id, name) = record?;
        let href = portal.shows(section).then(|| record_href(portal, section, id));
        Some(Self {
            label,
            value: name.clone(),
            href,
        })
    }
}

/// Address of a record's page.
pub fn record_href(portal: &Portal<'_>, section: Section, id: &str) -> String {
    portal.href(&format!("{}/{}", section.path(), crate::http::percent_encode(id)))
}

/// A row that is one link: title, a line under it, and at the end a status or an amount.
pub struct RowView {
    /// Where it leads; `None` when that section is not shown.
    pub href: Option<String>,
    /// The first line.
    pub title: String,
    /// The second line.
    pub about: String,
    /// How it stands.
    pub status: Option<StatusView>,
    /// An amount.
    pub amount: String,
}

/// An address on one line.
pub fn address(address: &Address) -> String {
    let place = [address.region.as_str(), address.postal_code.as_str()];
    let place = place
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    let parts = [
        address.street.as_str(),
        address.unit.as_str(),
        address.city.as_str(),
        place.as_str(),
    ];
    parts
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(", ")
}

/// One sentence about a field that was refused, in the reader's language.
pub fn refusal(words: &Words, error: &FieldError) -> String {
    let known = words.find(&format!("error-{}", error.code));
    known.map_or_else(|| error.message.clone(), str::to_owned)
}

/// One mistake as the summary on top of a form lists it.
pub struct Mistake {
    /// Id of the input it is about; empty when it is about the whole form.
    pub input: String,
    /// What is wrong and how to put it right.
    pub text: String,
}
