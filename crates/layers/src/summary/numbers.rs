//! Counts and sizes as Keras writes them.

/// `12345678` as `12,345,678`.
pub(super) fn thousands(n: usize) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number of bytes in the largest unit that leaves at least 1, as `61.63 KB`. Keras 3 and
/// Keras 2 disagree on the name of the `byte`.
pub(super) fn size(bytes: usize, byte: &str) -> String {
    let mut value = bytes as f64;
    for unit in [byte, "KB", "MB", "GB", "TB"] {
        if value < 1024.0 {
            return format!("{value:.2} {unit}");
        }
        value /= 1024.0;
    }
    format!("{value:.2} PB")
}
