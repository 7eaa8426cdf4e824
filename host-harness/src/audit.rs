//! `host-harness audit verify`: recompute the hash-chained logs and name the first entry that does not fit.
//! The heads it prints, kept off this machine, later show that nothing was cut off.

use anyhow::bail;
use platform::{ChainVerdict, Company, Platform};
use std::{io::Write, str::FromStr};

/// Name of the installation's own chain; no company’s short name begins like this.
const INSTALLATION: &str = "@installation";

/// The last entry of a chain as an earlier check printed it: `summit:123:9f86…`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    chain: String,
    seq: i64,
    hash: String,
}

impl FromStr for Head {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const FORM: &str = "a head looks like summit:123:9f86…, as an earlier check printed it";
        let mut parts = text.splitn(3, ':');
        match (
            parts.next(),
            parts.next().and_then(|seq| seq.parse().ok()),
            parts.next(),
        ) {
            (Some(chain), Some(seq), Some(hash)) if hash.len() == 64 => Ok(Self {
                chain: chain.to_owned(),
                seq,
                hash: hash.to_owned(),
            }),
            _ => Err(FORM),
        }
    }
}

/// Check one company's chain, or every chain with the installation's own; true when all are intact and have the heads.
pub async fn verify(platform: &Platform, company: Option<&Company>, heads: &[Head]) -> anyhow::Result<bool> {
    let log = platform.activity();
    let companies = platform.companies().list().await?;
    let chains = match company {
        Some(company) => vec![company.id.clone()],
        None => log.chains().await?,
    };
    let name = |chain: &str| match companies.iter().find(|company| company.id == chain) {
        Some(company) => company.slug.clone(),
        None if chain.is_empty() => INSTALLATION.to_owned(),
        None => format!("{chain} (of no company)"),
    };
    let names: Vec<String> = chains.iter().map(|chain| name(chain)).collect();
    if let Some(head) = heads.iter().find(|head| !names.contains(&head.chain)) {
        bail!(
            "there is no chain “{}” among those checked: {}",
            head.chain,
            names.join(", ")
        );
    }
    let mut intact = true;
    for (chain, name) in chains.iter().zip(&names) {
        let line = match log.verify(chain).await? {
            ChainVerdict::BrokenAt(seq) => {
                intact = false;
                format!("BAD   {name}: entry {seq} was altered, removed or put in from elsewhere")
            }
            ChainVerdict::Intact(entries) => {
                let mut missing = None;
                for head in heads.iter().filter(|head| head.chain == *name) {
                    if !log.has(chain, head.seq, &head.hash).await? {
                        missing = Some(head.seq);
                    }
                }
                match (missing, log.head(chain).await?) {
                    (Some(seq), _) => {
                        intact = false;
                        format!("BAD   {name}: entry {seq} is not the one that was there: the log was cut or rewritten")
                    }
                    (None, Some((seq, hash))) => format!("ok    {name}: {entries} entries, head {name}:{seq}:{hash}"),
                    (None, None) => format!("ok    {name}: nothing yet"),
                }
            }
        };
        writeln!(std::io::stdout(), "{line}")?;
    }
    Ok(intact)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_as_it_is_printed() {
        let hash = "9f".repeat(32);
        let head: Head = format!("summit:123:{hash}").parse().unwrap();
        assert_eq!((head.chain.as_str(), head.seq, head.hash), ("summit", 123, hash));
        for bad in ["", "summit", "summit:x:abc", "summit:1:abc"] {
            assert!(bad.parse::<Head>().is_err(), "{bad}");
        }
    }
}
