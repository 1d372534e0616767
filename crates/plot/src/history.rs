//! How a training went: the loss and the metrics of every epoch.

use ceratops_core::{Error, Result};

use crate::{
    Picture,
    axis::has_place,
    chart::{Across, Chart, Series, Shape},
    colors::{BLUE, ORANGE},
    grid,
};

/// The curves of a training: a chart for the loss, and one for each other name, in each the values on
/// the training data and, if there are any, those of validation (`val_loss` beside `loss`). The epochs
/// count from 1. A value that is NaN or infinite leaves a gap.
///
/// `curves` are names, each with a value for every epoch: `&history.history` of what `fit` returned, or
/// an array of pairs.
///
/// ```
/// let picture = ceratops_plot::history([
///     ("loss", vec![0.9, 0.4, 0.3]),
///     ("val_loss", vec![1.0, 0.6, 0.7]),
///     ("accuracy", vec![0.5, 0.8, 0.9]),
/// ])?;
/// assert!(picture.to_svg().contains(">validation</text>"));
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// # Errors
/// Where there is no epoch at all, or more than a thousand charts.
///
/// Source: Keras, what its guides draw of `history.history`.
pub fn history<N: AsRef<str>, V: AsRef<[f64]>>(
    curves: impl IntoIterator<Item = (N, V)>,
) -> Result<Picture> {
    let mut pairs: Vec<Pair> = Vec::new();
    for (name, values) in curves {
        let (name, values) = (name.as_ref(), values.as_ref());
        let plain = name.strip_prefix("val_").unwrap_or(name);
        let index = pairs.iter().position(|pair| pair.name == plain).unwrap_or(pairs.len());
        if index == pairs.len() {
            pairs.push(Pair { name: plain.to_owned(), ..Pair::default() });
        }
        let pair = &mut pairs[index];
        let curve = if plain == name { &mut pair.training } else { &mut pair.validation };
        *curve = Some(values.to_vec());
    }
    let epochs = pairs.iter().flat_map(Pair::curves).map(|(_, values)| values.len()).max();
    let Some(epochs) = epochs.filter(|&epochs| epochs > 0) else {
        return Err(Error::Data("the history has no epochs; train the model first".into()));
    };
    // The loss comes first; the others stay in their order.
    pairs.sort_by_key(|pair| pair.name != "loss");
    grid::picture(pairs.iter().map(|pair| pair.chart(epochs)).collect())
}

/// The values of one name.
#[derive(Debug, Default)]
struct Pair {
    name: String,
    training: Option<Vec<f64>>,
    validation: Option<Vec<f64>>,
}

impl Pair {
    fn curves(&self) -> impl Iterator<Item = (&'static str, &Vec<f64>)> {
        let named = [("training", &self.training), ("validation", &self.validation)];
        named.into_iter().filter_map(|(name, values)| values.as_ref().map(|values| (name, values)))
    }

    fn chart(&self, epochs: usize) -> Chart {
        let series = self.curves().map(|(name, values)| {
            let numbered = values.iter().enumerate();
            let points = numbered.map(|(i, &value)| (i as f64 + 1.0, value)).collect();
            let color = if name == "training" { BLUE } else { ORANGE };
            Series {
                name: name.into(),
                color,
                shape: Shape::Curve { points, width: 2.0, dots: true },
            }
        });
        let values = || self.curves().flat_map(|(_, values)| values);
        let missing = values().filter(|&&value| !has_place(value)).count();
        let note = match missing {
            0 => String::new(),
            1 => "1 value is NaN or infinite".into(),
            _ if missing == values().count() => "every value is NaN or infinite".into(),
            _ => format!("{missing} values are NaN or infinite"),
        };
        Chart {
            title: self.name.clone(),
            note,
            across: Across::Epochs(epochs),
            axis_names: ["epoch", ""],
            series: series.collect(),
            zero_lines: false,
        }
    }
}
