//! Names as Keras spells them.

/// The name of a class, or TensorFlow.js' spelling of an identifier, as Keras writes names:
/// `RMSprop` becomes `rm_sprop`, `meanSquaredError` `mean_squared_error`.
pub(crate) fn snake_case(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let mut snake = String::new();
    for (i, &c) in chars.iter().enumerate() {
        let before = i.checked_sub(1).map(|b| chars[b]);
        let starts_word = chars.get(i + 1).is_some_and(|after| after.is_lowercase());
        let after_lower = before.is_some_and(char::is_lowercase);
        if c.is_uppercase() && before.is_some_and(|b| b != '_') && (starts_word || after_lower) {
            snake.push('_');
        }
        snake.extend(c.to_lowercase());
    }
    snake
}

/// An identifier as Keras knows it: as it was typed, but for TensorFlow.js' spelling.
pub(crate) fn identifier(typed: &str) -> String {
    if typed.starts_with(char::is_lowercase) { snake_case(typed) } else { typed.to_owned() }
}

#[cfg(test)]
mod tests {
    #[test]
    fn classes_and_identifiers_are_spelled_as_keras_spells_them() {
        for (class, name) in [("SGD", "sgd"), ("RMSprop", "rm_sprop"), ("AdamW", "adam_w")] {
            assert_eq!(super::snake_case(class), name);
        }
        for (typed, name) in [("meanSquaredError", "mean_squared_error"), ("MSE", "MSE")] {
            assert_eq!(super::identifier(typed), name);
        }
        for typed in ["mse", "accuracy", "MeanSquaredError", "binary_accuracy"] {
            assert_eq!(super::identifier(typed), typed);
        }
    }
}
