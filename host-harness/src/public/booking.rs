//! The company's booking page: a known customer or a stranger asks for work.
//! A form key makes a repeated click one request; what was typed is kept when something has to be corrected.

use super::{
    assets,
    branding::{self, Brand},
    cookies::Drawer,
};
use crate::{
    AppState,
    web::{Failure, RequestInfo, page, see_other},
    words,
};
use axum::{
    Form,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use capabilities::{FieldError, Origin};
use jiff::civil::Date;
use platform::{Actor, ActorKind, Company, Customer, RequestDetails};
use std::{
    collections::{HashMap, hash_map::Entry},
    time::Instant,
};

/// How long the booking cookie lives, in seconds; the token in it knows its own end.
const COOKIE_SECONDS: i64 = 900;
const DETAILS_MAX: usize = 4_000;

/// Times of day a customer can wish for: the value stored in the request's words, and the choice's label.
const TIMES: [(&str, &str); 4] = [
    ("", "Any time"),
    ("morning", "Morning"),
    ("midday", "Around noon"),
    ("afternoon", "Afternoon"),
];

/// The form as typed. Fields that are not there are empty.
#[derive(Debug, Clone, Default)]
struct Typed {
    form_key: String,
    name: String,
    phone: String,
    email: String,
    address: String,
    summary: String,
    details: String,
    preferred_date: String,
    preferred_time: String,
}

/// Who came by a booking address, as the page shows it.
struct Known {
    name: String,
    reach: String,
}

/// A link back to where the customer came from.
struct Back {
    url: String,
    label: String,
}

#[derive(askama::Template)]
#[template(path = "public/book.html")]
struct BookPage<'a> {
    company: Brand,
    stylesheet: &'static str,
    form: &'a Typed,
    known: Option<Known>,
    errors: &'a [FieldError],
    times: &'static [(&'static str, &'static str)],
    today: String,
    back: Option<Back>,
}

impl BookPage<'_> {
    fn wrong(&self, field: &str) -> bool {
        self.errors.iter().any(|error| error.field == field)
    }

    fn why(&self, field: &str) -> &str {
        self.errors
            .iter()
            .find(|error| error.field == field)
            .map_or("", |error| &error.message)
    }
}

#[derive(askama::Template)]
#[template(path = "public/booked.html")]
struct BookedPage {
    company: Brand,
    stylesheet: &'static str,
    summary: String,
    preferred: String,
    back: Option<Back>,
}

fn drawer(state: &AppState, slug: &str) -> Drawer {
    Drawer::new(slug, "book", state.config.public_https())
}

/// A customer's booking address: the token moves into a short cookie, the address bar is clean again.
pub(super) async fn arrive(
    State(state): State<AppState>,
    Path((slug, token)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let company = branding::company(&state, &slug).await?;
    let mut response = see_other(&format!("/{slug}/book"));
    match state.platform.booking_customer(&company, &token).await {
        Ok(_) => {
            if let Some(cookie) = drawer(&state, &slug).cookie("customer", &token, Some(COOKIE_SECONDS)) {
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
        }
        // An old or damaged address still leads to the form; it only knows nobody.
        Err(platform::Error::NotFound | platform::Error::Denied(_) | platform::Error::Invalid(_)) => {}
        Err(error) => return Err(Failure::internal(error)),
    }
    response
        .headers_mut()
        .insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    Ok(response)
}

/// The customer of the booking cookie, if it is (still) good.
async fn known_customer(state: &AppState, company: &Company, headers: &HeaderMap) -> Option<Customer> {
    let token = drawer(state, &company.slug).get(headers, "customer")?;
    state.platform.booking_customer(company, &token).await.ok()
}

async fn way_back(state: &AppState, company: &Company, customer: Option<&Customer>) -> Option<Back> {
    customer?;
    let (url, name) = state.plugins.way_back(company, &state.config.public_url).await?;
    Some(Back {
        url,
        label: format!("Back to {name}"),
    })
}

pub(super) async fn form(
    State(state): State<AppState>,
    Path(slug): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let company = branding::company(&state, &slug).await?;
    let customer = known_customer(&state, &company, &headers).await;
    let typed = Typed {
        form_key: platform::new_token().map_err(Failure::internal)?,
        ..Typed::default()
    };
    draw(&state, &company, customer.as_ref(), &typed, &[], StatusCode::OK).await
}

async fn draw(
    state: &AppState,
    company: &Company,
    customer: Option<&Customer>,
    typed: &Typed,
    errors: &[FieldError],
    status: StatusCode,
) -> Result<Response, Failure> {
    let known = customer.map(|customer| Known {
        name: customer.display_name(),
        reach: [masked_phone(customer.text_number()), masked_email(&customer.email)]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" or "),
    });
    Ok(page(
        status,
        &BookPage {
            company: Brand::of(company),
            stylesheet: assets::stylesheet_path(),
            form: typed,
            known,
            errors,
            times: &TIMES,
            today: company.date(state.platform.now()).to_string(),
            back: way_back(state, company, customer).await,
        },
    ))
}

pub(super) async fn send(
    State(state): State<AppState>,
    Path(slug): Path<String>,
    info: RequestInfo,
    headers: HeaderMap,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, Failure> {
    let company = branding::company(&state, &slug).await?;
    let customer = known_customer(&state, &company, &headers).await;
    let (typed, twice) = read(fields);
    let mut errors = check(&typed, customer.is_none(), company.date(state.platform.now()));
    errors.extend(twice);
    if !errors.is_empty() {
        return draw(
            &state,
            &company,
            customer.as_ref(),
            &typed,
            &errors,
            StatusCode::UNPROCESSABLE_ENTITY,
        )
        .await;
    }
    if let Err(seconds) = state.booking_throttle.admit(info.client_address, Instant::now()) {
        return Err(Failure::too_many(seconds));
    }
    let context = info.call(Origin::Public);
    let mut actor = Actor::from_context(&context, customer.as_ref().map(|customer| customer.id.as_str()));
    actor.kind = ActorKind::Customer;
    actor.name = customer
        .as_ref()
        .map_or_else(|| typed.name.trim().to_owned(), |customer| customer.display_name());
    let stored = state
        .platform
        .requests()
        .create(
            &company.id,
            details(&typed, customer.as_ref()),
            Some(&format!("book:{}", typed.form_key)),
            &actor,
        )
        .await;
    match stored {
        Ok(_) => Ok(see_other(&format!("/{slug}/book/sent/{}", receipt(&typed)))),
        Err(platform::Error::Invalid(fields)) => {
            let errors: Vec<FieldError> = fields.into_iter().map(as_on_the_form).collect();
            draw(
                &state,
                &company,
                customer.as_ref(),
                &typed,
                &errors,
                StatusCode::UNPROCESSABLE_ENTITY,
            )
            .await
        }
        Err(platform::Error::RateLimited(seconds)) => Err(Failure::too_many(seconds)),
        Err(error) => Err(Failure::internal(error)),
    }
}

/// The last digits only: whoever has the address may be somebody else.
fn masked_phone(phone: &str) -> Option<String> {
    let digits: Vec<char> = phone.chars().filter(char::is_ascii_digit).collect();
    let last: String = digits.iter().skip(digits.len().checked_sub(2)?).collect();
    Some(format!("the phone number ending in {last}"))
}

/// `d•••@whitfield.example`
fn masked_email(email: &str) -> Option<String> {
    let (name, host) = email.split_once('@')?;
    let first = name.chars().next()?;
    Some(format!("{first}•••@{host}"))
}

/// The fields by name; a field sent twice is refused rather than one of its values chosen.
fn read(fields: Vec<(String, String)>) -> (Typed, Vec<FieldError>) {
    let mut by_name: HashMap<String, String> = HashMap::new();
    let mut twice = Vec::new();
    for (name, value) in fields {
        match by_name.entry(name) {
            Entry::Occupied(first) => twice.push(FieldError::new(
                first.key().as_str(),
                "not-allowed",
                "This was sent twice. Please check it and send again.",
            )),
            Entry::Vacant(free) => {
                free.insert(value);
            }
        }
    }
    let mut take = |name: &str| by_name.remove(name).unwrap_or_default();
    let typed = Typed {
        form_key: take("form_key"),
        name: take("name"),
        phone: take("phone"),
        email: take("email"),
        address: take("address"),
        summary: take("summary"),
        details: take("details"),
        preferred_date: take("preferred_date"),
        preferred_time: take("preferred_time"),
    };
    (typed, twice)
}

fn check(typed: &Typed, stranger: bool, today: Date) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let mut wrong = |field: &str, code: &str, message: &str| errors.push(FieldError::new(field, code, message));
    let long = |text: &str, most: usize| text.chars().count() > most;
    if !(8..=64).contains(&typed.form_key.len()) || !typed.form_key.bytes().all(|b| b.is_ascii_alphanumeric()) {
        wrong(
            "summary",
            "malformed",
            "This form was incomplete. Please check it and send it once more.",
        );
    }
    if stranger {
        match typed.name.trim() {
            "" => wrong("name", "required", "Enter your name."),
            name if long(name, 120) => wrong("name", "too-long", "Your name can have at most 120 characters."),
            _ => {}
        }
        if typed.phone.trim().is_empty() && typed.email.trim().is_empty() {
            wrong(
                "phone",
                "required",
                "Enter a phone number or an e-mail address, so that we can reach you.",
            );
        }
        if long(&typed.phone, 40)
            || (!typed.phone.trim().is_empty() && typed.phone.chars().filter(char::is_ascii_digit).count() < 5)
        {
            wrong("phone", "malformed", "Enter a phone number such as (303) 555-0142.");
        }
        if !typed.email.trim().is_empty() && !is_email(typed.email.trim()) {
            wrong(
                "email",
                "malformed",
                "Enter an e-mail address such as name@example.com.",
            );
        }
        if long(&typed.address, 200) {
            wrong("address", "too-long", "The address can have at most 200 characters.");
        }
    }
    match typed.summary.trim() {
        "" => wrong("summary", "required", "Say in a few words what you need."),
        summary if long(summary, 120) => wrong(
            "summary",
            "too-long",
            "Keep this to 120 characters; there is room for more under Details.",
        ),
        _ => {}
    }
    if long(&typed.details, DETAILS_MAX) {
        wrong("details", "too-long", "The details can have at most 4,000 characters.");
    }
    if !typed.preferred_date.trim().is_empty() {
        match typed.preferred_date.trim().parse::<Date>() {
            Err(_) => wrong(
                "preferred_date",
                "malformed",
                "Enter a day such as 2026-12-05, or leave it empty.",
            ),
            Ok(day) if day < today => wrong(
                "preferred_date",
                "out-of-range",
                "Choose a day that is not in the past.",
            ),
            Ok(_) => {}
        }
    }
    errors
}

fn is_email(text: &str) -> bool {
    text.len() <= 254
        && !text.contains(|c: char| c.is_whitespace() || c.is_control())
        && text.split_once('@').is_some_and(|(name, host)| {
            !name.is_empty()
                && host.contains('.')
                && !host.contains('@')
                && !host.starts_with('.')
                && !host.ends_with('.')
        })
}

/// A refusal of the platform under the name of the form's field.
fn as_on_the_form(mut error: FieldError) -> FieldError {
    error.field = match error.field.as_str() {
        "contact_name" => "name".to_owned(),
        "contact_email" => "email".to_owned(),
        "contact_phone" => "phone".to_owned(),
        "preferred" => "preferred_date".to_owned(),
        _ => error.field,
    };
    error
}

fn details(typed: &Typed, customer: Option<&Customer>) -> RequestDetails {
    let mut words = vec![typed.details.trim().to_owned()];
    if let Some((_, label)) = TIMES
        .iter()
        .find(|(value, _)| !value.is_empty() && *value == typed.preferred_time)
    {
        words.push(format!("Preferred time: {label}."));
    }
    if customer.is_none() && !typed.address.trim().is_empty() {
        words.push(format!("Address: {}", typed.address.trim()));
    }
    words.retain(|part| !part.is_empty());
    let contact = |text: &str| {
        if customer.is_none() {
            text.trim().to_owned()
        } else {
            String::new()
        }
    };
    RequestDetails {
        customer_id: customer.map(|customer| customer.id.clone()),
        summary: typed.summary.trim().to_owned(),
        details: words.join("\n\n"),
        preferred: typed.preferred_date.trim().parse().ok(),
        contact_name: contact(&typed.name),
        contact_email: contact(&typed.email),
        contact_phone: contact(&typed.phone),
        ..RequestDetails::default()
    }
}

/// What the thank-you page shows, carried in its address: the wished day, or `-`. Nothing about a person.
fn receipt(typed: &Typed) -> String {
    typed
        .preferred_date
        .trim()
        .parse::<Date>()
        .map_or_else(|_| "-".to_owned(), |day| day.to_string())
}

pub(super) async fn sent(
    State(state): State<AppState>,
    Path((slug, receipt)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let company = branding::company(&state, &slug).await?;
    let preferred = match (receipt.as_str(), receipt.parse::<Date>()) {
        ("-", _) => String::new(),
        (_, Ok(day)) => words::date(day),
        (_, Err(_)) => return Err(Failure::not_found()),
    };
    let customer = known_customer(&state, &company, &headers).await;
    Ok(page(
        StatusCode::OK,
        &BookedPage {
            company: Brand::of(&company),
            stylesheet: assets::stylesheet_path(),
            summary: format!("{} will look at it and get back to you.", company.name),
            preferred,
            back: way_back(&state, &company, customer.as_ref()).await,
        },
    )
    .into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(change: impl FnOnce(&mut Typed)) -> Typed {
        let mut typed = Typed {
            form_key: "abcdefgh1234".into(),
            name: "Dana".into(),
            phone: "303 555 0142".into(),
            summary: "Noise".into(),
            ..Typed::default()
        };
        change(&mut typed);
        typed
    }

    fn wrong(change: impl FnOnce(&mut Typed)) -> Vec<String> {
        check(&typed(change), true, Date::constant(2026, 11, 22))
            .into_iter()
            .map(|error| error.field)
            .collect()
    }

    #[test]
    fn a_stranger_must_be_reachable() {
        assert!(wrong(|_| ()).is_empty());
        assert_eq!(wrong(|t| t.phone.clear()), ["phone"]);
        assert!(
            wrong(|t| {
                t.phone.clear();
                t.email = "dana@example.com".into()
            })
            .is_empty()
        );
        assert_eq!(wrong(|t| t.email = "dana".into()), ["email"]);
        assert_eq!(wrong(|t| t.name = " ".into()), ["name"]);
        assert_eq!(wrong(|t| t.name = "x".repeat(121)), ["name"]);
    }

    #[test]
    fn days_in_the_past_and_nonsense_are_refused() {
        assert_eq!(wrong(|t| t.preferred_date = "2026-11-21".into()), ["preferred_date"]);
        assert_eq!(wrong(|t| t.preferred_date = "soon".into()), ["preferred_date"]);
        assert!(wrong(|t| t.preferred_date = "2026-11-22".into()).is_empty());
    }

    #[test]
    fn a_field_sent_twice_is_told() {
        let (_, twice) = read(vec![("summary".into(), "a".into()), ("summary".into(), "b".into())]);
        assert_eq!(twice.first().map(|error| error.field.as_str()), Some("summary"));
    }

    #[test]
    fn a_known_customers_contact_is_only_hinted_at() {
        assert_eq!(
            masked_phone("(303) 555-0142").as_deref(),
            Some("the phone number ending in 42")
        );
        assert_eq!(masked_phone("7"), None);
        assert_eq!(
            masked_email("dana@whitfield.example").as_deref(),
            Some("d•••@whitfield.example")
        );
        assert_eq!(masked_email(""), None);
    }

    #[test]
    fn a_known_customer_leaves_no_contact_of_their_own() {
        let stranger = details(&typed(|t| t.preferred_time = "morning".into()), None);
        assert_eq!(stranger.contact_name, "Dana");
        assert!(stranger.details.contains("Morning"));
    }
}
