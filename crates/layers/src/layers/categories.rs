//! Layers that make numbers of what is no quantity: categories, words, texts.

mod category_encoding;
mod discretization;
mod encode;
mod farm_hash;
mod hashed_crossing;
mod hashing;
mod integer_lookup;
mod lookup;
mod sip_hash;
mod string_lookup;
mod table;
mod text_vectorization;

pub use category_encoding::CategoryEncoding;
pub use discretization::Discretization;
pub use encode::OutputMode;
pub use hashed_crossing::HashedCrossing;
pub use hashing::{Hashing, MaskValue};
pub use integer_lookup::IntegerLookup;
pub use string_lookup::StringLookup;
pub use table::Salt;
pub use text_vectorization::{Ngrams, Split, Standardize, TextVectorization};

use ceratops_core::{Error, Result, Tensor, Text};

/// The whole numbers that a tensor holds: as numbers, or as text, where they can be of any size.
///
/// # Errors
/// For a number of which f32 does not hold every neighbour, and for text that is none.
fn integers(x: &Tensor) -> Result<Vec<i64>> {
    const EXACT: f32 = 16_777_216.0;
    if Text::is_in(x) {
        let text = Text::of(x)?;
        let read = |string: &String| {
            let number = string.trim().parse();
            number.map_err(|_| Error::argument("x", "whole numbers", format!("{string:?}")))
        };
        return text.strings().iter().map(read).collect();
    }
    let read = |number: &f32| match number.abs() < EXACT {
        true => Ok(*number as i64),
        false => Err(Error::argument("x", "whole numbers below 16,777,216", number)
            .with_help("let the input be an Input::text, and give it the numbers as i64")),
    };
    x.as_slice().iter().map(read).collect()
}

/// The shape of the array that a tensor stands for.
fn shape_of(x: &Tensor) -> &[usize] {
    match x.shape().split_last() {
        Some((_, shape)) if Text::is_in(x) => shape,
        _ => x.shape(),
    }
}

/// The gradient of what is looked up: none of its numbers matters by a little.
fn nothing(shape: &[usize]) -> Option<Tensor> {
    Some(Tensor::zeros(shape))
}
