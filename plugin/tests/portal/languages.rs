//! Languages: which one a reader gets, that no word is missing, and that the files agree.
//! What the build refuses is tested with the build's own reader.

use crate::fake::{Browser, Fake, company};
use crate::sample::{date, status};
use customer_portal::{
    bindings::fieldservice::plugins::types::Tone,
    http::Method,
    i18n::{self, LANGUAGES, Words},
    links::Purpose,
    routes,
    view::StatusView,
};
use std::path::Path;

#[path = "../../build/fluent.rs"]
#[expect(dead_code, reason = "the build uses all of it, the test its checks")]
mod fluent;

fn chosen(choice: &str, accept: &str, locale: &str) -> String {
    let mut company = company();
    company.locale = locale.to_owned();
    Words::choose(choice, accept, &company, date(2026, 11, 22)).locale()
}

#[test]
fn the_customers_choice_wins_then_the_browser_then_the_company() {
    assert_eq!(chosen("es", "en-US", "en-US"), "es-US");
    assert_eq!(chosen("es-MX", "en-US", "en-US"), "es-MX");
    assert_eq!(chosen("", "es-ES,es;q=0.9,en;q=0.8", "en-US"), "es-ES");
    assert_eq!(chosen("", "de;q=1, es;q=0.5, en;q=0.9", "en-US"), "en-US");
    assert_eq!(chosen("", "de, fr", "es-MX"), "es-MX");
    assert_eq!(chosen("xx", "", "en-GB"), "en-GB");
    assert_eq!(chosen("", "es;q=0", "en-US"), "en-US");
    assert_eq!(chosen("", ";;q=,*;q=x,\u{7f}", "sv-SE"), "en-SE");
}

#[test]
fn choosing_a_language_is_kept_and_leads_back() {
    let fake = Fake::new();
    let mut browser = fake.visit("c1");
    let page = browser.get("/invoices");
    assert!(page.text.contains("<html lang=\"en-US\" dir=\"ltr\">"));
    let answer = browser.post("/language", "language=es&return=%2Finvoices");
    assert_eq!((answer.status, answer.location()), (303, "/summit/portal/invoices"));
    assert_eq!(fake.customers.borrow()["c1"].contact.language, "es");
    let page = browser.get("/invoices");
    page.shows("Mis facturas")
        .shows("14 oct 2026")
        .shows("$312.40")
        .shows("Atrasada")
        .hides("My Invoices");
    assert!(page.text.contains("<html lang=\"es-US\" dir=\"ltr\">"));
    assert_eq!(page.header("content-language"), Some("es"));
    assert_eq!(
        browser.post("/language", "language=es&return=%2F%2Fevil").location(),
        "/summit/portal/"
    );
    assert_eq!(browser.post("/language", "language=tlh").status, 422);
}

#[test]
fn strangers_read_in_their_browsers_language() {
    let fake = Fake::new();
    let mut browser = Browser::new(&fake);
    browser.language = "es-MX,es;q=0.9";
    browser.get("/l/nothing").shows("Este enlace ya no funciona");
    browser.get("/sign-in").shows("Iniciar sesión");
}

fn invited(fake: &Fake) -> Browser {
    let mut browser = Browser::new(fake);
    browser.language = "en-US";
    let token = fake.link("c1", Purpose::Registration);
    browser.post(&format!("/l/{token}"), "");
    browser
}

#[test]
fn whoever_signs_up_reads_in_the_language_on_file() {
    let fake = Fake::new();
    fake.edit("c1", |records| records.contact.language = "es-MX".to_owned());
    let mut browser = invited(&fake);
    let page = browser.get("/sign-up");
    page.shows("Registrarse");
    assert!(page.text.contains("<html lang=\"es-MX\""));
    browser.post(
        "/sign-up",
        "email=dana.home%40example.net&password=correct+horse+battery",
    );
    browser.get("/sign-up/code").shows("Revise su correo");
    // What this browser was told since is newer; the customer's file is not a stranger's to change.
    browser.post("/language", "language=en&return=%2Fsign-up");
    browser.get("/sign-up").shows("Create a password");
    assert_eq!(fake.customers.borrow()["c1"].contact.language, "es-MX");
    // Somebody else signed up: then the session tells nothing of the customer's any more.
    let mut late = invited(&fake);
    late.get("/sign-in").shows("Iniciar sesión");
    fake.passwords.borrow_mut().insert(
        "c1".to_owned(),
        ("dana@example.com".to_owned(), "correct horse battery".to_owned()),
    );
    late.get("/sign-in").shows("Sign In").hides("Iniciar");
}

#[test]
fn before_signing_in_a_language_can_be_chosen_and_the_browser_keeps_it() {
    let fake = Fake::new();
    let token = fake.plain_link("c1");
    for path in [
        "/sign-in",
        "/fresh-link",
        "/forgot",
        "/forgot?sent",
        "/r/nothing",
        "/l/nothing",
        "/l/a/b",
        &format!("/l/{token}"),
    ] {
        let mut stranger = Browser::new(&fake);
        let page = stranger.get(path);
        assert!(page.text.contains("action=\"/summit/portal/language\""), "{path}");
        assert!(page.text.contains("value=\"es\" lang=\"es\""), "{path}");
    }
    let mut browser = Browser::new(&fake);
    browser.language = "en-US";
    let page = browser.get("/sign-in?next=%2Finvoices%2Fi1&signed-out");
    assert!(
        page.text
            .contains("name=\"return\" value=\"/sign-in?next=%2Finvoices%2Fi1\"")
    );
    fake.forget_writes();
    let answer = browser.post(
        "/language",
        "language=es&return=%2Fsign-in%3Fnext%3D%252Finvoices%252Fi1",
    );
    assert_eq!(
        (answer.status, answer.location()),
        (303, "/summit/portal/sign-in?next=%2Finvoices%2Fi1")
    );
    assert_eq!(
        answer.header("set-cookie"),
        Some("lang=es; Max-Age=31536000; Path=/; HttpOnly; SameSite=Lax")
    );
    assert!(fake.writes.borrow().is_empty(), "nothing is stored for a stranger");
    let page = browser.get("/sign-in");
    page.shows("Iniciar sesión");
    assert!(page.text.contains("value=\"es\" lang=\"es\" aria-current=\"true\""));
    // A link's own page is returned to; its address holds the token.
    let answer = browser.post("/language", &format!("language=en&return=%2Fl%2F{token}"));
    assert_eq!(answer.location(), format!("/summit/portal/l/{token}"));
    assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
    assert_eq!(browser.post("/language", "language=tlh").status, 422);
    assert_eq!(browser.get("/language").status, 405);
    assert_eq!(browser.kept.as_deref(), Some("en"));
}

#[test]
fn the_choice_outlives_the_visit_and_the_customers_own_wins() {
    let fake = Fake::new();
    let mut browser = fake.visit("c1");
    browser.language = "en-US";
    browser.post("/language", "language=es&return=%2F");
    browser.post("/sign-out", "");
    browser.get("/sign-in?signed-out").shows("Ha cerrado la sesión");
    // Another customer at the same browser, whose own choice is English.
    fake.edit("c2", |records| records.contact.language = "en".to_owned());
    let token = fake.plain_link("c2");
    browser.post(&format!("/l/{token}"), "");
    browser.get("/").shows("My Details");
    browser.get("/fresh-link").shows("Get a fresh link");
    // Who never chose reads in the language this browser was told.
    fake.edit("c2", |records| records.contact.language = String::new());
    browser.get("/").shows("Mis datos");
    // What stands in the cookie is taken only when there is a file for it.
    for wrong in ["tlh", "", "es\"><script>", "../es"] {
        browser.kept = Some(wrong.to_owned());
        browser.get("/").shows("My Details");
    }
}

#[test]
fn a_language_leads_back_to_a_page_of_the_portal_and_nowhere_else() {
    for (target, back) in [
        ("/", "/"),
        ("", "/"),
        ("/invoices/i1", "/invoices/i1"),
        ("/details/email/code", "/details/email"),
        ("/sign-up/code/again", "/sign-up/code"),
        ("/account/devices/x", "/account"),
        ("/sign-out", "/"),
        ("/nowhere/at/all", "/"),
        ("/l/abc", "/l/abc"),
        ("/l/a/b", "/l/a"),
        ("/sign-in?next=%2Fjobs", "/sign-in?next=%2Fjobs"),
        ("/sign-in?next=%2F%2Fevil.example", "/sign-in"),
        ("/jobs?q=x", "/jobs"),
        ("//evil.example", "/"),
        ("//evil.example/jobs", "/"),
        ("https://evil.example/jobs", "/"),
        ("/\\evil.example", "/"),
        ("/l/x\r\nX-Evil: yes", "/"),
        ("javascript:alert(1)", "/"),
    ] {
        assert_eq!(routes::way_back(target), back, "{target:?}");
    }
}

#[test]
fn reading_never_changes_the_language() {
    let fake = Fake::new();
    let mut browser = fake.visit("c1");
    for method in [Method::Get, Method::Head] {
        let answer = browser.send(method, "/language?language=es&return=%2F", &[], Some(b""));
        assert_eq!((answer.status, answer.header("allow")), (405, Some("POST")));
        assert_eq!(answer.header("set-cookie"), None);
    }
    assert_eq!(fake.customers.borrow()["c1"].contact.language, "");
}

#[test]
fn spanish_pages_hold_no_english_words() {
    let fake = Fake::new();
    let mut browser = fake.visit("c1");
    browser.post("/language", "language=es&return=%2F");
    for path in [
        "/",
        "/jobs",
        "/jobs/j1",
        "/projects/p1",
        "/estimates/e1",
        "/invoices/i2",
        "/payments",
        "/requests",
        "/account",
        "/opened",
        "/nowhere",
    ] {
        let words = browser.get(path).words();
        for english in [
            "My Details",
            "Save Changes",
            "Status",
            "Amount",
            "Questions",
            "Sign Out",
            "Back to",
            "Total amount",
        ] {
            assert!(!words.contains(english), "{path}: {english}");
        }
    }
}

#[test]
fn the_companys_own_status_words_win_in_its_own_language() {
    let words = |locale: &str, choice: &str| {
        let mut company = company();
        company.locale = locale.to_owned();
        Words::choose(choice, "", &company, date(2026, 11, 22))
    };
    let own = status("on_hold", "Waiting for parts", Tone::Warning, true);
    let unknown = status("parts_ordered", "Parts ordered", Tone::Info, true);
    assert_eq!(StatusView::new(&words("en-US", ""), &own).label, "Waiting for parts");
    assert_eq!(StatusView::new(&words("en-US", "es"), &own).label, "En pausa");
    assert_eq!(StatusView::new(&words("en-US", "es"), &unknown).label, "Parts ordered");
}

#[test]
fn plurals_and_exact_numbers_choose_their_words() {
    let words = Words::choose("en", "", &company(), date(2026, 11, 22));
    assert_eq!(words.things_waiting(0), "Nothing needs you right now.");
    assert_eq!(words.things_waiting(1), "One thing needs you.");
    assert_eq!(words.things_waiting(1_200), "1,200 things need you.");
}

#[test]
fn every_language_is_complete_for_customers() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../templates/languages");
    let catalogs = fluent::read_folder(&folder).unwrap();
    let (english, others) = catalogs.split_first().unwrap();
    assert_eq!(LANGUAGES.len(), catalogs.len());
    for other in others {
        fluent::check(english, other).unwrap();
        let missing: Vec<&String> = english
            .messages
            .keys()
            .filter(|id| !other.messages.contains_key(*id))
            // What staff read in the panel may stay English.
            .filter(|id| !id.starts_with("panel-") && !id.starts_with("field-"))
            .collect();
        assert!(missing.is_empty(), "{}: {missing:?}", other.tag);
    }
    assert_eq!(
        LANGUAGES.iter().map(i18n::own_name).collect::<Vec<_>>(),
        ["English", "Español"]
    );
}

#[test]
fn every_message_is_used_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut sources = String::new();
    let mut folders = vec![root.join("src"), root.join("../templates")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs" || e == "html") {
                sources.push_str(&std::fs::read_to_string(path).unwrap());
            }
        }
    }
    let english = fluent::read_folder(&root.join("../templates/languages"))
        .unwrap()
        .remove(0);
    let looked_up = ["month-", "weekday-", "status-", "method-", "error-", "language-name"];
    let unused: Vec<&String> = english
        .messages
        .keys()
        .filter(|id| !looked_up.iter().any(|prefix| id.starts_with(prefix)))
        .filter(|id| !sources.contains(&id.replace('-', "_")))
        .collect();
    assert!(unused.is_empty(), "{unused:?}");
}

#[test]
fn a_file_the_formatter_could_not_follow_is_refused_with_the_place() {
    let read = |text: &str| fluent::read("xx", text.to_owned());
    let english = read("a = { $name } and { $count ->\n    [one] one\n   *[other] { $count }\n }\n").unwrap();
    assert_eq!(
        english.messages["a"].variables,
        [
            ("name".to_owned(), fluent::Kind::Text),
            ("count".to_owned(), fluent::Kind::Count)
        ]
    );
    let check = |text: &str| fluent::check(&english, &read(text).unwrap()).unwrap_err();
    assert_eq!(check("b = x"), "xx.ftl: b: is not in en.ftl");
    assert_eq!(
        check("a = { $name }"),
        "xx.ftl: a: takes other variables than in en.ftl"
    );
    assert!(
        read("a = { NUMBER($x) }")
            .unwrap_err()
            .starts_with("xx.ftl: a: only text")
    );
    assert!(read("-t = x").unwrap_err().contains("terms are not used"));
    assert_eq!(read("a = 1\na = 2").unwrap_err(), "xx.ftl: a: stands twice");
    assert!(read("a = {").is_err());
}
