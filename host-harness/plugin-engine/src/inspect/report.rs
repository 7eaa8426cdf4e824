//! An `Inspection` in words: what the plugin is, offers, asks for and imports, and the verdict.
//! For people at a terminal; programs read its JSON.

use super::{HttpVersion, Inspection};
use crate::error::megabytes;
use std::fmt;

impl fmt::Display for Inspection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let manifest = &self.manifest;
        writeln!(
            f,
            "{} {} ({}) by {}",
            manifest.name, manifest.version, manifest.id, manifest.publisher
        )?;
        writeln!(f, "  {}", manifest.description)?;
        writeln!(f, "  size         {}", megabytes(self.size))?;
        writeln!(f, "  contract     {}", manifest.wit)?;
        let mut offers = Vec::new();
        match self.exports.http {
            Some(HttpVersion::P2) => offers.push("pages (wasi:http 0.2)"),
            Some(HttpVersion::P3) => offers.push("pages (wasi:http 0.3)"),
            None => {}
        }
        for (offered, word) in [
            (self.exports.actions_menu, "actions"),
            (self.exports.template_fields, "template fields"),
            (self.exports.lifecycle, "lifecycle"),
        ] {
            if offered {
                offers.push(word);
            }
        }
        writeln!(f, "  offers       {}", offers.join(", "))?;
        if let Some(routes) = &manifest.routes {
            writeln!(f, "  served at    /{{company}}/{}/", routes.mount)?;
        }
        writeln!(
            f,
            "  limits       {} MiB memory, {} ms a request",
            manifest.limits.memory_mib, manifest.limits.request_ms
        )?;
        writeln!(f, "  asks for")?;
        if manifest.permissions.asked().next().is_none() {
            writeln!(f, "    nothing")?;
        }
        for (permission, reason) in manifest.permissions.asked() {
            writeln!(f, "    {:<11}  {reason}", permission.interface())?;
        }
        writeln!(f, "  imports")?;
        for import in &self.imports {
            writeln!(f, "    {import}")?;
        }
        write!(f, "  verdict      can be installed")
    }
}
