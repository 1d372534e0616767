//! Names out of files, made fit for a terminal: the one place that says what may reach it.

/// Whether a terminal shows the character, rather than obeys it: no control character, which escape
/// sequences begin with, and none that turns the order of the others round.
///
/// ```
/// use ceratops_core::is_printable;
///
/// assert!(is_printable('ß') && !is_printable('\x1b') && !is_printable('\u{202e}'));
/// ```
pub fn is_printable(c: char) -> bool {
    let turns = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let breaks = matches!(c, '\u{2028}' | '\u{2029}');
    !(c.is_control() || turns || breaks)
}

/// The text with an escape (`\u{1b}`) for each character that is not [printable](is_printable).
pub fn printable(text: &str) -> String {
    escaped(text, |c| !is_printable(c))
}

/// [`printable`] of a text of several lines, whose line breaks and tabs stay.
///
/// ```
/// use ceratops_core::printable_lines;
///
/// assert_eq!(printable_lines("red: \x1b[31m\n"), "red: \\u{1b}[31m\n");
/// ```
pub fn printable_lines(text: &str) -> String {
    escaped(text, |c| !is_printable(c) && !matches!(c, '\n' | '\t'))
}

fn escaped(text: &str, is_escaped: impl Fn(char) -> bool) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if is_escaped(c) { safe.extend(c.escape_default()) } else { safe.push(c) }
    }
    safe
}
