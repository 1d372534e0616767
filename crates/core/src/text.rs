//! Text: strings on their way to the layers that look them up.

use crate::{Error, Result, Tensor};

/// Strings, or whole numbers of any size, as an array. A model whose input holds strings takes them in this
/// form, and its first layers (StringLookup, TextVectorization and the like) make numbers of them.
///
/// What can be made a `Text` can be given to `predict`, `fit` and the others: a slice, an array or a
/// vector of strings, rows of them, and `i64`.
///
/// ```
/// use ceratops_core::{Tensor, Text};
///
/// let text = Text::from(["Bern", "Zürich"]);
/// assert_eq!(text.shape(), [2]);
/// // On the way it is a tensor like any other, from which it comes back as it was.
/// assert_eq!(Text::of(&Tensor::from(text.clone()))?, text);
/// assert_eq!(Text::from([9_007_199_254_740_993_i64]).strings(), ["9007199254740993"]);
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// No digit is lost on that way: the tensor has one more axis, along which stand a mark, the length, and
/// the bytes of a string, three in each number. The mark is no number, so that whoever computed with it would
/// get none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    shape: Vec<usize>,
    strings: Vec<String>,
}

/// A NaN that no arithmetic makes: what a string in a tensor begins with.
const MARK: u32 = 0x7fd7_e875;

/// How many numbers stand before the bytes.
const HEAD: usize = 2;

/// How many bytes stand in a number; more than three it would not hold as they are.
const BYTES: usize = 3;

/// The longest string, so that its length is a number too.
const LONGEST: usize = 1 << 24;

impl Text {
    /// Strings in an array of that shape, row by row.
    ///
    /// # Errors
    /// If their number is another.
    pub fn new(shape: &[usize], strings: Vec<String>) -> Result<Self> {
        let len = shape.iter().try_fold(1usize, |len, axis| len.checked_mul(*axis));
        if len != Some(strings.len()) {
            let found = format!("{} strings", strings.len());
            return Err(Error::argument("strings", format!("as many as {shape:?} holds"), found));
        }
        Ok(Self { shape: shape.to_vec(), strings })
    }

    /// The length of each axis.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The strings, row by row.
    pub fn strings(&self) -> &[String] {
        &self.strings
    }

    /// Whether a tensor holds strings.
    pub fn is_in(tensor: &Tensor) -> bool {
        match tensor.as_slice().first() {
            Some(first) => first.to_bits() == MARK,
            // No strings have no letters.
            None => matches!(tensor.shape(), [dims @ .., 0] if dims.contains(&0)),
        }
    }

    /// The strings that a tensor holds.
    ///
    /// # Errors
    /// If it holds numbers.
    pub fn of(tensor: &Tensor) -> Result<Self> {
        let numbers = || {
            let help = "give it strings, or whole numbers as i64";
            Error::argument("x", "strings", "numbers").with_help(help)
        };
        let (len, shape) = tensor.shape().split_last().ok_or_else(numbers)?;
        if Self::is_in(tensor) && *len == 0 {
            return Self::new(shape, Vec::new());
        }
        if *len < HEAD {
            return Err(numbers());
        }
        let read = |cell: &[f32]| read(cell).ok_or_else(numbers);
        let strings = tensor.as_slice().chunks(*len).map(read).collect::<Result<_>>()?;
        Ok(Self { shape: shape.to_vec(), strings })
    }
}

fn read(cell: &[f32]) -> Option<String> {
    let (head, numbers) = cell.split_at_checked(HEAD)?;
    if head[0].to_bits() != MARK {
        return None;
    }
    let bytes = numbers.iter().flat_map(|number| {
        let word = (*number as u32).to_le_bytes();
        [word[0], word[1], word[2]]
    });
    String::from_utf8(bytes.take(head[1] as usize).collect()).ok()
}

fn write(string: &str, cell: &mut [f32]) {
    // What is longer than any text of use is cut, at a letter.
    let mut end = string.len().min(LONGEST);
    while !string.is_char_boundary(end) {
        end -= 1;
    }
    let bytes = &string.as_bytes()[..end];
    cell[0] = f32::from_bits(MARK);
    cell[1] = end as f32;
    for (number, bytes) in cell[HEAD..].iter_mut().zip(bytes.chunks(BYTES)) {
        let word = bytes.iter().rev().fold(0u32, |word, byte| word << 8 | u32::from(*byte));
        *number = word as f32;
    }
}

impl Text {
    /// The strings as a tensor, each with as many places as the longest needs.
    ///
    /// # Errors
    /// If that fits in no memory: [`Tensor::from`] is for strings that are known to be few or short.
    pub fn to_tensor(&self) -> Result<Tensor> {
        let mut tensor = Tensor::try_full(&self.shape_of_tensor(), 0.0)?;
        self.write(&mut tensor);
        Ok(tensor)
    }

    /// The strings of these tensors, one after another along the first axis.
    pub(crate) fn concat(parts: &[Tensor]) -> Result<Self> {
        let mut all = Self { shape: Vec::new(), strings: Vec::new() };
        for part in parts {
            let mut text = Self::of(part)?;
            match (all.shape.split_first_mut(), text.shape.split_first()) {
                (None, _) => all.shape = text.shape,
                (Some((rows, sample)), Some((more, own))) if *sample == *own => *rows += more,
                _ => {
                    let expected = crate::Shape::of(&all.shape);
                    return Err(Error::shape("a part to concatenate", expected, &text.shape, ""));
                }
            }
            all.strings.append(&mut text.strings);
        }
        Ok(all)
    }

    /// The strings as whole numbers, if all are.
    pub fn integers(&self) -> Option<Vec<i64>> {
        self.strings.iter().map(|string| string.trim().parse().ok()).collect()
    }

    /// The whole numbers as those of a tensor. `what` names them in an error, and `help` says what to do about
    /// strings.
    ///
    /// ```
    /// use ceratops_core::{Tensor, Text};
    ///
    /// let labels = Text::from([3_i64, 0]);
    /// assert_eq!(labels.to_numbers("y", "number the words")?, Tensor::from([3.0, 0.0]));
    /// assert!(Text::from(["cat"]).to_numbers("y", "number the words").is_err());
    /// # Ok::<(), ceratops_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// For strings, and for numbers beyond 2^24, not all of which f32 holds.
    pub fn to_numbers(&self, what: &str, help: &str) -> Result<Tensor> {
        const EXACT: u64 = 1 << 24;
        let Some(integers) = self.integers() else {
            return Err(Error::argument(what, "numbers", "strings").with_help(help));
        };
        if let Some(large) = integers.iter().find(|integer| integer.unsigned_abs() > EXACT) {
            let help = "where they may be rounded, give them as floats";
            let expected = "whole numbers that f32 holds, up to 16,777,216";
            return Err(Error::argument(what, expected, large).with_help(help));
        }
        Tensor::new(&self.shape, integers.into_iter().map(|integer| integer as f32).collect())
    }

    fn shape_of_tensor(&self) -> Vec<usize> {
        let longest = self.strings.iter().map(|string| string.len().min(LONGEST)).max();
        let len = longest.map_or(0, |longest| HEAD + longest.div_ceil(BYTES));
        [&self.shape[..], &[len]].concat()
    }

    fn write(&self, tensor: &mut Tensor) {
        let len = tensor.shape().last().map_or(HEAD, |len| HEAD.max(*len));
        for (string, cell) in self.strings.iter().zip(tensor.as_mut_slice().chunks_mut(len)) {
            write(string, cell);
        }
    }
}

impl From<Text> for Tensor {
    fn from(text: Text) -> Self {
        let mut tensor = Self::zeros(&text.shape_of_tensor());
        text.write(&mut tensor);
        tensor
    }
}

impl From<&Text> for Tensor {
    fn from(text: &Text) -> Self {
        text.clone().into()
    }
}

/// What is a string or a whole number, from lists of one and of two levels; and the same as a tensor.
macro_rules! from_lists {
    ($($item:ty),*) => {$(
        impl From<&[$item]> for Text {
            fn from(items: &[$item]) -> Self {
                Self { shape: vec![items.len()], strings: items.iter().map(ToString::to_string).collect() }
            }
        }

        impl<const N: usize> From<&[[$item; N]]> for Text {
            fn from(rows: &[[$item; N]]) -> Self {
                let strings = rows.as_flattened().iter().map(ToString::to_string).collect();
                Self { shape: vec![rows.len(), N], strings }
            }
        }

        from_lists!(@by_slice $item: [Vec<$item>] [&Vec<$item>]);

        impl<const N: usize> From<[$item; N]> for Text {
            fn from(items: [$item; N]) -> Self {
                items.as_slice().into()
            }
        }

        impl<const N: usize, const M: usize> From<[[$item; N]; M]> for Text {
            fn from(rows: [[$item; N]; M]) -> Self {
                rows.as_slice().into()
            }
        }

        impl<const N: usize> From<[$item; N]> for Tensor {
            fn from(items: [$item; N]) -> Self {
                Text::from(items).into()
            }
        }

        impl<const N: usize, const M: usize> From<[[$item; N]; M]> for Tensor {
            fn from(rows: [[$item; N]; M]) -> Self {
                Text::from(rows).into()
            }
        }

        impl From<&[$item]> for Tensor {
            fn from(items: &[$item]) -> Self {
                Text::from(items).into()
            }
        }
    )*};
    (@by_slice $item:ty: $([$list:ty])*) => {$(
        impl From<$list> for Text {
            fn from(items: $list) -> Self {
                items.as_slice().into()
            }
        }

        impl From<$list> for Tensor {
            fn from(items: $list) -> Self {
                Text::from(items).into()
            }
        }
    )*};
}

from_lists!(&str, String, i64);
