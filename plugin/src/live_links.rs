//! The links of one customer that still open something: listed page by page, revoked one by one or all at once.
//! A session that was born from a link ends with it; `session::find` looks at the link on every request.

use crate::{
    Error,
    host::Host,
    links::{self, Link},
    store::{self, Record},
};

/// One link on the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Hash of its token: names it here, and opens nothing.
    pub hash: String,
    /// The link.
    pub link: Link,
}

/// Some of the list, the newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The links.
    pub links: Vec<Listed>,
    /// Where the list goes on; `None` at its end.
    pub next: Option<String>,
}

/// Links that fill a page.
const PAGE: usize = 50;
/// Calls to the storage for one page: behind thousands of links that ended, the page is cut short
/// and goes on where it stopped.
const CALLS: usize = 20;
/// Links in one call when all are revoked.
const MANY: u32 = 500;

/// A page of the links that work at `now`, from a cursor of the page before on. It has a few more
/// than fifty links when those lie on the way.
pub fn list(host: &dyn Host, customer: &str, cursor: Option<&str>, now: i64) -> Result<Page, Error> {
    let mut page = Page {
        links: Vec::new(),
        next: cursor.map(str::to_owned),
    };
    for _ in 0..CALLS {
        let (links, next) = read(host, customer, page.next.as_deref(), PAGE as u32)?;
        page.links
            .extend(links.into_iter().filter(|listed| listed.link.works(now)));
        page.next = next;
        if page.next.is_none() || page.links.len() >= PAGE {
            break;
        }
    }
    Ok(page)
}

/// Revoke one link of the customer; it answers the link. `NotFound` for anybody else's.
pub fn revoke(host: &dyn Host, customer: &str, hash: &str, now: i64) -> Result<Link, Error> {
    if hash.len() != 64 || !hash.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(Error::NotFound);
    }
    let revoked = store::update(host, &links::key(hash), |present: Option<Link>| {
        let mut link = present.filter(|link| link.customer == customer)?;
        link.revoked.get_or_insert(now);
        let entry = link.entry(hash, now);
        Some((link, entry))
    })?;
    revoked.ok_or(Error::NotFound)
}

/// Revoke every link of the customer that works at `now`; how many there were.
pub fn revoke_all(host: &dyn Host, customer: &str, now: i64) -> Result<usize, Error> {
    let mut cursor = None;
    let mut revoked = 0;
    loop {
        let (mut links, next) = read(host, customer, cursor.as_deref(), MANY)?;
        links.retain(|listed| listed.link.works(now));
        let entries: Vec<_> = links
            .iter_mut()
            .map(|listed| {
                listed.link.revoked = Some(now);
                listed.link.entry(&listed.hash, now)
            })
            .collect();
        if !entries.is_empty() {
            // Whoever opens one at this moment compares before storing and finds it revoked.
            host.set_many(&entries)?;
            revoked += entries.len();
        }
        if next.is_none() {
            return Ok(revoked);
        }
        cursor = next;
    }
}

fn read(
    host: &dyn Host,
    customer: &str,
    cursor: Option<&str>,
    limit: u32,
) -> Result<(Vec<Listed>, Option<String>), Error> {
    let listed = host.list_keys(&links::index_prefix(customer), cursor, limit)?;
    let hashes: Vec<&str> = listed.keys.iter().filter_map(|key| key.rsplit('/').next()).collect();
    let keys: Vec<String> = hashes.iter().map(|hash| links::key(hash)).collect();
    let found = hashes
        .iter()
        .zip(host.get_many(&keys)?)
        .filter_map(|(hash, bytes)| {
            // An id may hold a slash, so that one customer's keys can stand among another's.
            let link = Link::read(&bytes?).filter(|link| link.customer == customer)?;
            Some(Listed {
                hash: (*hash).to_owned(),
                link,
            })
        })
        .collect();
    Ok((found, listed.next))
}
