//! Keys and ids that belong to another company, spelled in every way that might reach them.
//! The page says what came of each.

use kit::{
    http::{Answer, text},
    pages::fieldservice::plugins::{customers, storage},
};

/// Another company's slug, the key it stored, and a customer only it has.
const COMPANY: &str = "brook";
const KEY: &str = "secret";
const CUSTOMER: &str = "ONLY-BROOK";

fn spellings(name: &str) -> Vec<String> {
    vec![
        name.to_owned(),
        format!("{COMPANY}/{name}"),
        format!("/{COMPANY}/{name}"),
        format!("../{COMPANY}/{name}"),
        format!("..\\{COMPANY}\\{name}"),
        format!("%2e%2e/{COMPANY}/{name}"),
        format!("{COMPANY}:greedy:{name}"),
        format!("{COMPANY}\0greedy\0{name}"),
        format!("{name}\0"),
        format!("{name}' OR '1'='1"),
        format!("{name}%"),
        "%".to_owned(),
        "_".repeat(name.len()),
        String::new(),
        name.repeat(100_000),
    ]
}

/// Read, overwrite, swap, delete and list every spelling.
pub(crate) fn keys() -> Answer {
    let mut said = String::new();
    for key in spellings(KEY) {
        let start: String = key.chars().take(20).collect();
        let read = storage::get(&key).map(|value| value.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()));
        let many = storage::get_many(&[key.clone()]).map(|found| found.iter().flatten().count());
        let deleted = storage::delete(&key);
        let listed = storage::list(&key, None, 1_000).map(|page| page.keys);
        let after = storage::list("", Some(&key), 1_000).map(|page| page.keys);
        said.push_str(&format!(
            "{start:?} {read:?} {many:?} {deleted:?} {listed:?} {after:?}\n"
        ));
    }
    for key in spellings(KEY) {
        let entry = storage::Entry {
            key,
            value: b"planted".to_vec(),
            ttl: Some(60),
        };
        let planted = storage::compare_and_swap(None, &entry);
        said.push_str(&format!("{planted:?}\n"));
    }
    text(said)
}

pub(crate) fn customers() -> Answer {
    let opened: Vec<_> = spellings(CUSTOMER)
        .iter()
        .filter_map(|id| customers::open(id).ok())
        .map(|customer| customer.id())
        .collect();
    let found = customers::find_by_email("only@brook.example");
    text(format!("opened {opened:?} found {found:?}"))
}
