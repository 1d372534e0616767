//! Structure: one value for a model, or one for each of its inputs or outputs.

use std::collections::{BTreeMap, HashMap};

use crate::{Error, Result, Samples, Tensor};

/// One value for a model, or one for each of its inputs (or of its outputs), in their order or by
/// their names.
///
/// ```
/// use ceratops_core::{Structure, Tensor};
///
/// let by_name: Structure<f64> = [("size", 0.5), ("digit", 2.0)].into();
/// assert_eq!(by_name.in_order("loss_weights", "output", &["digit", "size"])?, [2.0, 0.5]);
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Keras, whose `fit` takes an array, a list of arrays or a dict of them.
#[derive(Debug, Clone, PartialEq)]
pub enum Structure<T> {
    /// One value.
    One(T),
    /// One for each, in the model's order.
    List(Vec<T>),
    /// One for each, by their names.
    Named(Vec<(String, T)>),
}

/// What a model is asked about: one tensor, or one for each of its inputs, in their order or by
/// their names.
///
/// ```
/// use ceratops_core::{Inputs, Tensor};
///
/// let (a, b) = (Tensor::from([[1.0]]), Tensor::from([[2.0]]));
/// assert!(matches!(Inputs::from([[1.0, 2.0]]), Inputs::One(_)));
/// assert!(matches!(Inputs::from([&a, &b]), Inputs::List(_)));
/// assert!(matches!(Inputs::from([("a", &a), ("b", &b)]), Inputs::Named(_)));
/// ```
pub type Inputs = Structure<Tensor>;

/// What a model learns from: [`Samples`], or some for each of its inputs (or of its outputs, whose
/// labels they are), in their order or by their names.
pub type Arrays = Structure<Samples>;

/// What a model can be asked about: all that becomes [`Inputs`]. A tensor, numbers in arrays and vectors,
/// arrays of ndarray, [`Text`](crate::Text); for several inputs a list or an array of such, or of pairs with
/// their names.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not what a model takes",
    label = "expected a tensor, numbers in arrays or vectors, or one of these for each input",
    note = "for rows that are vectors, which may differ in length: `Tensor::from_rows(&rows)?`",
    note = "for numbers of another type: `values.iter().map(|&v| v as f32).collect::<Vec<_>>()`"
)]
pub trait IntoInputs: Into<Inputs> {}

#[diagnostic::do_not_recommend]
impl<T: Into<Inputs>> IntoInputs for T {}

/// What a model can learn from: all that becomes [`Arrays`]. As [`IntoInputs`], and [`Samples`] that need not be
/// in memory.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not what a model learns from",
    label = "expected a tensor, numbers in arrays or vectors, or one of these for each input or output",
    note = "for rows that are vectors, which may differ in length: `Tensor::from_rows(&rows)?`",
    note = "for numbers of another type: `values.iter().map(|&v| v as f32).collect::<Vec<_>>()`"
)]
pub trait IntoArrays: Into<Arrays> {}

#[diagnostic::do_not_recommend]
impl<T: Into<Arrays>> IntoArrays for T {}

impl<T> Structure<T> {
    /// The values, in the order in which they were given.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        let (one, list, named): (_, &[T], &[(String, T)]) = match self {
            Self::One(value) => (Some(value), &[], &[]),
            Self::List(values) => (None, values, &[]),
            Self::Named(values) => (None, &[], values),
        };
        one.into_iter().chain(list).chain(named.iter().map(|(_, value)| value))
    }

    /// Each value as something else.
    ///
    /// # Errors
    /// The first of `f`.
    pub fn try_map<U>(self, mut f: impl FnMut(T) -> Result<U>) -> Result<Structure<U>> {
        Ok(match self {
            Self::One(value) => Structure::One(f(value)?),
            Self::List(values) => {
                Structure::List(values.into_iter().map(f).collect::<Result<_>>()?)
            }
            Self::Named(values) => {
                let named = values.into_iter().map(|(name, value)| Ok((name, f(value)?)));
                Structure::Named(named.collect::<Result<_>>()?)
            }
        })
    }

    /// One value for each of the inputs or outputs (`of` says which) with these `names`, in their
    /// order. `argument` is what an error calls the values.
    ///
    /// # Errors
    /// Where there are too many or too few, and for a name that is not known.
    pub fn in_order<N: AsRef<str>>(self, argument: &str, of: &str, names: &[N]) -> Result<Vec<T>> {
        let values = self.known_in_order(argument, of, names)?.into_iter().zip(names);
        values
            .map(|(value, name)| {
                value.ok_or_else(|| {
                    let found = format!("none for \"{}\"", name.as_ref());
                    Error::argument(argument, one_for_each(of, names), found)
                })
            })
            .collect()
    }

    /// The same where names may be left out.
    ///
    /// # Errors
    /// Where a list is too long or too short, and for a name that is not known or comes twice.
    pub fn known_in_order<N: AsRef<str>>(
        self,
        argument: &str,
        of: &str,
        names: &[N],
    ) -> Result<Vec<Option<T>>> {
        let values: Vec<T> = match self {
            Self::One(value) => vec![value],
            Self::List(values) => values,
            Self::Named(values) => return by_name(values, argument, of, names),
        };
        if values.len() == names.len() {
            return Ok(values.into_iter().map(Some).collect());
        }
        let found = match values.len() {
            1 => "one".to_owned(),
            count => format!("{count} of them"),
        };
        Err(Error::argument(argument, one_for_each(of, names), found))
    }
}

/// The named values in the order of `names`.
fn by_name<T, N: AsRef<str>>(
    values: Vec<(String, T)>,
    argument: &str,
    of: &str,
    names: &[N],
) -> Result<Vec<Option<T>>> {
    let mut found: Vec<Option<T>> = names.iter().map(|_| None).collect();
    for (name, value) in values {
        let Some(place) = names.iter().position(|known| known.as_ref() == name) else {
            let missing = names.iter().zip(&found).filter(|(_, value)| value.is_none());
            let missing: Vec<&str> = missing.map(|(name, _)| name.as_ref()).collect();
            let help = format!(
                "{argument} takes {}; still to be given: {}",
                one_for_each(of, names),
                missing.join(", ")
            );
            return Err(Error::unknown(of, name, names.iter().map(AsRef::as_ref)).with_help(help));
        };
        if found[place].replace(value).is_some() {
            let twice = format!("two for \"{name}\"");
            return Err(Error::argument(argument, one_for_each(of, names), twice));
        }
    }
    Ok(found)
}

fn one_for_each(of: &str, names: &[impl AsRef<str>]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("\"{}\"", name.as_ref())).collect();
    match &quoted[..] {
        [only] => format!("one for the {of} {only}"),
        _ => format!("one for each of the {of}s {}", quoted.join(", ")),
    }
}

impl<T: Into<Tensor>> From<T> for Inputs {
    fn from(x: T) -> Self {
        Self::One(x.into())
    }
}

impl<T: Into<Samples>> From<T> for Arrays {
    fn from(samples: T) -> Self {
        Self::One(samples.into())
    }
}

impl From<f64> for Structure<f64> {
    fn from(value: f64) -> Self {
        Self::One(value)
    }
}

impl<T: Clone> From<&Self> for Structure<T> {
    fn from(structure: &Self) -> Self {
        structure.clone()
    }
}

impl From<Inputs> for Arrays {
    fn from(inputs: Inputs) -> Self {
        match inputs {
            Structure::One(x) => Self::One(x.into()),
            Structure::List(xs) => Self::List(xs.into_iter().map(Into::into).collect()),
            Structure::Named(xs) => {
                Self::Named(xs.into_iter().map(|(name, x)| (name, x.into())).collect())
            }
        }
    }
}

/// Lists of what counts as one value by itself.
macro_rules! from_lists {
    ($($item:ty => $value:ty),*) => {$(
        impl<const N: usize> From<[$item; N]> for Structure<$value> {
            fn from(values: [$item; N]) -> Self {
                Self::List(values.into_iter().map(Into::into).collect())
            }
        }

        impl From<Vec<$item>> for Structure<$value> {
            fn from(values: Vec<$item>) -> Self {
                Self::List(values.into_iter().map(Into::into).collect())
            }
        }
    )*};
}

from_lists!(
    Tensor => Tensor, &Tensor => Tensor,
    Tensor => Samples, &Tensor => Samples, Samples => Samples, &Samples => Samples,
    f64 => f64
);

impl<N: Into<String>, V: Into<T>, T, const COUNT: usize> From<[(N, V); COUNT]> for Structure<T> {
    fn from(values: [(N, V); COUNT]) -> Self {
        Self::Named(values.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

impl<N: Into<String>, V: Into<T>, T> From<Vec<(N, V)>> for Structure<T> {
    fn from(values: Vec<(N, V)>) -> Self {
        Self::Named(values.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

impl<N: Into<String>, V: Into<T>, T> From<BTreeMap<N, V>> for Structure<T> {
    fn from(values: BTreeMap<N, V>) -> Self {
        values.into_iter().collect::<Vec<_>>().into()
    }
}

impl<N: Into<String>, V: Into<T>, T, S> From<HashMap<N, V, S>> for Structure<T> {
    fn from(values: HashMap<N, V, S>) -> Self {
        values.into_iter().collect::<Vec<_>>().into()
    }
}
