//! What a browser calls itself, in two short words for a list of devices: "Chrome on Android".
//! A `User-Agent` is a hint and can be anything: only known names are ever shown.

use crate::i18n::Words;
use serde::{Deserialize, Serialize};

/// A browser and what it runs on; either is empty when it is not one of the known ones.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// For example `Chrome`.
    #[serde(default)]
    pub browser: String,
    /// For example `Android`.
    #[serde(default)]
    pub system: String,
}

/// What a `User-Agent` contains and the browser that says so. Browsers claim to be older ones as
/// well, so the more particular names come first.
const BROWSERS: [(&str, &str); 13] = [
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("OPT/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("DuckDuckGo/", "DuckDuckGo"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chromium/", "Chromium"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];

/// The same for systems: Android says Linux too, an iPad may say Mac OS X.
const SYSTEMS: [(&str, &str); 8] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
];

impl Device {
    /// The device behind a `User-Agent`.
    pub fn of(user_agent: &str) -> Self {
        let find = |known: &[(&str, &str)]| {
            let found = known.iter().find(|(sign, _)| user_agent.contains(sign));
            found.map_or_else(String::new, |(_, name)| (*name).to_owned())
        };
        Self {
            browser: find(&BROWSERS),
            system: find(&SYSTEMS),
        }
    }

    /// How a list of devices calls it.
    pub fn label(&self, words: &Words) -> String {
        match (self.browser.as_str(), self.system.as_str()) {
            ("", "") => words.device_unknown().to_owned(),
            ("", system) => words.device_on(words.device_unknown(), system),
            (browser, "") => browser.to_owned(),
            (browser, system) => words.device_on(browser, system),
        }
    }
}
