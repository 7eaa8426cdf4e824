//! How channels and tones are spelled in JSON and TOML, as in the contract: `email`, `sms`, `success` …
//! `capabilities` itself knows no serde, so its types are spelled here.

pub(crate) mod channel {
    use capabilities::Channel;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(crate) fn word(channel: Channel) -> &'static str {
        match channel {
            Channel::Email => "email",
            Channel::Sms => "sms",
        }
    }

    pub(crate) fn parse(word: &str) -> Option<Channel> {
        match word {
            "email" => Some(Channel::Email),
            "sms" => Some(Channel::Sms),
            _ => None,
        }
    }

    pub(crate) fn serialize<S: Serializer>(channel: &Channel, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(word(*channel))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Channel, D::Error> {
        let text = String::deserialize(deserializer)?;
        parse(&text).ok_or_else(|| D::Error::unknown_variant(&text, &["email", "sms"]))
    }
}

pub(crate) mod channels {
    use super::channel;
    use capabilities::Channel;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(crate) fn serialize<S: Serializer>(channels: &[Channel], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(channels.iter().map(|c| channel::word(*c)))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Channel>, D::Error> {
        Vec::<String>::deserialize(deserializer)?
            .iter()
            .map(|text| channel::parse(text).ok_or_else(|| D::Error::unknown_variant(text, &["email", "sms"])))
            .collect()
    }
}

pub(crate) mod tone {
    use capabilities::Tone;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    const WORDS: [(&str, Tone); 5] = [
        ("neutral", Tone::Neutral),
        ("info", Tone::Info),
        ("success", Tone::Success),
        ("warning", Tone::Warning),
        ("danger", Tone::Danger),
    ];

    pub(crate) fn serialize<S: Serializer>(tone: &Tone, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(match tone {
            Tone::Neutral => "neutral",
            Tone::Info => "info",
            Tone::Success => "success",
            Tone::Warning => "warning",
            Tone::Danger => "danger",
        })
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Tone, D::Error> {
        let text = String::deserialize(deserializer)?;
        WORDS
            .iter()
            .find(|(word, _)| *word == text)
            .map(|(_, tone)| *tone)
            .ok_or_else(|| D::Error::unknown_variant(&text, &["neutral", "info", "success", "warning", "danger"]))
    }
}
