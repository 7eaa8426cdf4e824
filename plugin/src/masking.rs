//! Addresses and numbers shown to somebody who is not known yet: enough for their owner to
//! recognise, too little for anyone else to use. The length is not told either.

/// What stands for everything that is not shown.
const HIDDEN: &str = "•••";

/// `maria@example.com` as `m•••@e•••.com`. What is no address is hidden whole.
pub fn email(address: &str) -> String {
    let Some((local, domain)) = address.rsplit_once('@') else {
        return HIDDEN.to_owned();
    };
    match domain.rsplit_once('.') {
        Some((name, end)) => format!("{}@{}.{end}", first(local), first(name)),
        None => format!("{}@{}", first(local), first(domain)),
    }
}

/// `(303) 555-0178` as `••• 78`. A number too short to keep its secret is hidden whole.
pub fn phone(number: &str) -> String {
    let digits: Vec<char> = number.chars().filter(char::is_ascii_digit).collect();
    match digits.as_slice() {
        [_, _, _, .., tens, ones] => format!("{HIDDEN} {tens}{ones}"),
        _ => HIDDEN.to_owned(),
    }
}

/// The first character, or none when it is a mark that would belong to what stands before it.
fn first(text: &str) -> String {
    let shown = text.chars().next().filter(|c| c.is_alphanumeric());
    shown.into_iter().collect::<String>() + HIDDEN
}

#[cfg(test)]
mod tests {
    use super::{email, phone};

    #[test]
    fn an_address_keeps_its_first_letters_and_its_ending() {
        assert_eq!(email("maria@example.com"), "m•••@e•••.com");
        assert_eq!(email("Maria.Lopez@mail.example.co"), "M•••@m•••.co");
    }

    #[test]
    fn a_short_address_looks_like_a_long_one() {
        assert_eq!(email("a@b.co"), "a•••@b•••.co");
        assert_eq!(email("a@bcdefghijklmn.co"), "a•••@b•••.co");
    }

    #[test]
    fn other_scripts_are_cut_between_characters() {
        assert_eq!(email("дана@пример.рф"), "д•••@п•••.рф");
        assert_eq!(email("山田@例え.jp"), "山•••@例•••.jp");
        assert_eq!(email("نورة@مثال.السعودية"), "ن•••@م•••.السعودية");
        assert_eq!(email("\u{301}e@x.fr"), "•••@x•••.fr");
    }

    #[test]
    fn what_is_no_address_is_hidden_whole() {
        assert_eq!(email(""), "•••");
        assert_eq!(email("maria"), "•••");
        assert_eq!(email("@"), "•••@•••");
        assert_eq!(email("maria@localhost"), "m•••@l•••");
    }

    #[test]
    fn a_number_keeps_its_last_two_digits() {
        assert_eq!(phone("(303) 555-0178"), "••• 78");
        assert_eq!(phone("+49 30 1234567"), "••• 67");
        assert_eq!(phone("12345"), "••• 45");
        assert_eq!(phone("1234"), "•••");
        assert_eq!(phone(""), "•••");
    }
}
