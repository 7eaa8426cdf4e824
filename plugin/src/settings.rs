//! The company's settings, as the manifest declares them, read into their types and checked.
//! What the host stored is text; a value that cannot be read falls back to the manifest's default.

use crate::{
    Error,
    bindings::fieldservice::plugins::{company::Setting, types::FieldError},
};

/// Settings of the portal. Defaults stand in `plugin.toml` too; a test holds them together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Show *My Jobs*.
    pub show_jobs: bool,
    /// Show *My Projects*.
    pub show_projects: bool,
    /// Show *My Estimates*.
    pub show_estimates: bool,
    /// Show *My Invoices*.
    pub show_invoices: bool,
    /// Show *My Payments*.
    pub show_payments: bool,
    /// Offer *Submit Request* and list the requests sent.
    pub show_requests: bool,
    /// Leave sections without a single record out of the tabs.
    pub hide_empty_sections: bool,
    /// Customers may change their contact details.
    pub edit_details: bool,
    /// Shown on the main page; empty for none.
    pub welcome_text: String,
    /// Days a link can be opened.
    pub link_lifetime_days: i64,
    /// Hours without a click after which a session ends.
    pub session_idle_hours: i64,
    /// Days after which a session ends in any case.
    pub session_days: i64,
    /// Customers nobody decided about are password-protected.
    pub default_password_protected: bool,
    /// Fewest characters of a password.
    pub password_min_length: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            show_jobs: true,
            show_projects: true,
            show_estimates: true,
            show_invoices: true,
            show_payments: true,
            show_requests: true,
            hide_empty_sections: false,
            edit_details: true,
            welcome_text: String::new(),
            link_lifetime_days: 90,
            session_idle_hours: 24,
            session_days: 14,
            default_password_protected: false,
            password_min_length: 8,
        }
    }
}

/// What an integer setting may be.
const RANGES: [(&str, std::ops::RangeInclusive<i64>); 4] = [
    ("link_lifetime_days", 1..=730),
    ("session_idle_hours", 1..=720),
    ("session_days", 1..=30),
    ("password_min_length", 8..=64),
];

/// The longest welcome text, in characters.
const WELCOME_LIMIT: usize = 500;

impl Settings {
    /// What the host stored; anything unreadable is as if it had not been stored.
    pub fn read(stored: &[Setting]) -> Self {
        let mut settings = Self::default();
        for Setting { key, value } in stored {
            // One wrong value must not keep customers out; `check` refuses it where staff store it.
            let _ = settings.apply(key, value);
        }
        settings
    }

    /// Refuses what an admin may not store, field by field.
    pub fn check(stored: &[Setting]) -> Result<Self, Error> {
        let mut settings = Self::default();
        let mut errors: Vec<FieldError> = stored
            .iter()
            .filter_map(|Setting { key, value }| settings.apply(key, value).err())
            .collect();
        if errors.is_empty() && settings.session_idle_hours > settings.session_days * 24 {
            errors.push(refuse(
                "session_idle_hours",
                "out-of-range",
                "This is longer than a session lasts at all.",
            ));
        }
        if errors.is_empty() {
            Ok(settings)
        } else {
            Err(Error::Invalid(errors))
        }
    }

    fn apply(&mut self, key: &str, value: &str) -> Result<(), FieldError> {
        let target = match key {
            "show_jobs" => &mut self.show_jobs,
            "show_projects" => &mut self.show_projects,
            "show_estimates" => &mut self.show_estimates,
            "show_invoices" => &mut self.show_invoices,
            "show_payments" => &mut self.show_payments,
            "show_requests" => &mut self.show_requests,
            "hide_empty_sections" => &mut self.hide_empty_sections,
            "edit_details" => &mut self.edit_details,
            "default_password_protected" => &mut self.default_password_protected,
            "welcome_text" => {
                if value.chars().count() > WELCOME_LIMIT {
                    return Err(refuse(
                        key,
                        "too-long",
                        "The welcome text is longer than 500 characters.",
                    ));
                }
                value.trim().clone_into(&mut self.welcome_text);
                return Ok(());
            }
            _ => return self.apply_number(key, value),
        };
        *target = match value {
            "true" => true,
            "false" => false,
            _ => return Err(refuse(key, "malformed", "This is either on or off.")),
        };
        Ok(())
    }

    fn apply_number(&mut self, key: &str, value: &str) -> Result<(), FieldError> {
        let Some((_, range)) = RANGES.iter().find(|(known, _)| *known == key) else {
            return Err(refuse(key, "not-allowed", "The portal has no such setting."));
        };
        let number = value
            .trim()
            .parse()
            .map_err(|_| refuse(key, "malformed", "This must be a whole number."))?;
        if !range.contains(&number) {
            let text = format!("This must be between {} and {}.", range.start(), range.end());
            return Err(refuse(key, "out-of-range", &text));
        }
        match key {
            "link_lifetime_days" => self.link_lifetime_days = number,
            "session_idle_hours" => self.session_idle_hours = number,
            "session_days" => self.session_days = number,
            _ => self.password_min_length = number,
        }
        Ok(())
    }
}

fn refuse(field: &str, code: &str, message: &str) -> FieldError {
    FieldError {
        field: field.to_owned(),
        code: code.to_owned(),
        message: message.to_owned(),
    }
}
