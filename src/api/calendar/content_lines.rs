//! The text of iCalendar: content lines (RFC 5545, section 3.1).

/// Octets in a line, without its end.
const MAX_OCTETS: usize = 75;

/// Adds a property; `value` is in the form of its type, as [`escaped`] text is.
pub fn add_property(lines: &mut String, name: &str, value: &str) {
    let mut octets = 0;
    for part in [name, ":", value] {
        for character in part.chars() {
            // Folding between octets of one character is allowed, and many programs fail to undo it.
            if octets + character.len_utf8() > MAX_OCTETS {
                lines.push_str("\r\n ");
                octets = 1;
            }
            lines.push(character);
            octets += character.len_utf8();
        }
    }
    lines.push_str("\r\n");
}

/// A value of the type TEXT (section 3.3.11). Line breaks of any kind are `\n`, also those of Unicode, at
/// which some programs end a line; the other control characters, which a text must not have, are left out.
pub fn escaped(text: &str) -> String {
    let mut value = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' | ';' | ',' => value.extend(['\\', character]),
            '\r' if characters.peek() == Some(&'\n') => {}
            '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}' => value.push_str("\\n"),
            '\t' => value.push('\t'),
            control if control.is_control() => {}
            other => value.push(other),
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(name: &str, value: &str) -> String {
        let mut lines = String::new();
        add_property(&mut lines, name, value);
        lines
    }

    #[test]
    fn a_line_has_at_most_75_octets_and_no_character_is_split() {
        assert_eq!(line("SUMMARY", "x"), "SUMMARY:x\r\n");
        let fits = "x".repeat(67);
        assert_eq!(line("SUMMARY", &fits), format!("SUMMARY:{fits}\r\n"));
        let folded = format!("SUMMARY:{fits}\r\n y\r\n");
        assert_eq!(line("SUMMARY", &format!("{fits}y")), folded);
        for character in ['x', 'ä', '€', '😀', ' '] {
            let value: String = [character].repeat(500).iter().collect();
            let lines = line("DESCRIPTION", &value);
            assert!(lines.split("\r\n").all(|line| line.len() <= MAX_OCTETS));
            let unfolded = lines.replace("\r\n ", "");
            assert_eq!(unfolded, format!("DESCRIPTION:{value}\r\n"));
        }
    }

    #[test]
    fn a_text_stays_on_its_line() {
        for (text, value) in [
            ("a, b; c", "a\\, b\\; c"),
            ("a\\nb", "a\\\\nb"),
            ("a\nb\rc\r\nd\n\re", "a\\nb\\nc\\nd\\n\\ne"),
            ("a\tb\u{b}c\u{0}d\u{9f}e\u{7f}", "a\tbcde"),
            ("a\u{2028}b\u{2029}c\u{85}d\r\u{85}", "a\\nb\\nc\\nd\\n\\n"),
            (
                "\u{1f468}\u{200d}\u{1f467}:\"",
                "\u{1f468}\u{200d}\u{1f467}:\"",
            ),
        ] {
            assert_eq!(escaped(text), value);
        }
    }
}
