//! Weights that mean the same in other conventions: Keras 1, Theano, CuDNN.
//!
//! Source: Keras 2, `preprocess_weights_for_loading` in `hdf5_format.py`.

use ceratops_core::{Error, Result, Tensor};
use ceratops_layers::{Conv2D, DataFormat, LSTM, Model, Node};

use super::{LayerWeights, listed};
use crate::{Change, Note};

/// Who wrote a file of weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Origin {
    /// Kernels of `dim_ordering` "th" lie as (filters, channels, rows, columns).
    pub(crate) is_keras1: bool,
    /// Convolutions turn their kernels by 180 degrees.
    pub(crate) is_theano: bool,
}

impl Origin {
    /// Says that kernels were turned round.
    pub(super) fn notes(self, model: &Model, layers: &[LayerWeights]) -> Vec<Note> {
        let kernels = layers.iter().any(|l| l.weights.iter().any(|(_, w)| w.ndim() == 4));
        if !self.is_theano || !kernels || !convolves(model) {
            return Vec::new();
        }
        let text = "turned by 180 degrees: the file was written with Theano, whose convolutions turn \
                    their kernels";
        let path = "the kernels of convolutions".into();
        vec![Note { path, change: Change::Reinterpreted, text: text.into() }]
    }
}

fn convolves(model: &Model) -> bool {
    let of_node = |node: &Node| {
        let nested = node.as_model().is_some_and(convolves);
        nested || node.downcast_ref::<Conv2D>().is_some()
    };
    model.layers().iter().any(of_node)
}

/// The weights of an LSTM of Keras 1, which had twelve arrays, as those of later versions: three.
pub(super) fn gathered(node: &Node, layer: &LayerWeights) -> Result<Option<LayerWeights>> {
    if node.downcast_ref::<LSTM>().is_none() || layer.weights.len() != 12 {
        return Ok(None);
    }
    // The gates stood in the order i, c, f, o, each with its kernel, its recurrent kernel, its bias.
    let gates = [0, 6, 3, 9];
    let joined = |(part, name): (usize, &str)| {
        let parts = gates.map(|gate| &layer.weights[gate + part].1);
        let tensor = side_by_side(&parts).ok_or_else(|| {
            let names = listed(layer.weights.iter().map(|(name, _)| name.as_str()));
            Error::Data(format!("the gates of \"{}\" differ in shape ({names})", layer.layer))
        })?;
        Ok((format!("{}/{name}", layer.layer), tensor))
    };
    let names = ["kernel", "recurrent_kernel", "bias"];
    let weights = names.into_iter().enumerate().map(joined).collect::<Result<_>>()?;
    Ok(Some(LayerWeights { layer: layer.layer.clone(), weights }))
}

/// Arrays joined along their last axis.
fn side_by_side(parts: &[&Tensor]) -> Option<Tensor> {
    let (shape, width) = (parts.first()?.shape(), *parts.first()?.shape().last()?);
    if width == 0 || parts.iter().any(|part| part.shape() != shape) {
        return None;
    }
    let rows = parts[0].len() / width;
    let row = |row: usize| {
        parts.iter().flat_map(move |part| &part.as_slice()[row * width..(row + 1) * width])
    };
    let mut joined = shape.to_vec();
    *joined.last_mut()? *= parts.len();
    Tensor::new(&joined, (0..rows).flat_map(row).copied().collect()).ok()
}

/// Brings the weights of a layer, in its own order, to the conventions of Keras 3; in a nested model,
/// those of its layers.
pub(super) fn convert(node: &Node, weights: &mut [(String, Tensor)], origin: Origin) -> Result<()> {
    if let Some(model) = node.as_model() {
        let mut rest = weights;
        for node in model.layers() {
            let (own, others) = rest.split_at_mut(node.params().len());
            convert(node, own, origin)?;
            rest = others;
        }
    } else if let (Some(layer), [(_, kernel), ..]) = (node.downcast_ref::<Conv2D>(), &mut *weights)
    {
        convert_kernel(kernel, layer.data_format, origin)?;
    } else if node.downcast_ref::<LSTM>().is_some() {
        convert_cudnn(weights)?;
    }
    Ok(())
}

fn convert_kernel(kernel: &mut Tensor, format: DataFormat, origin: Origin) -> Result<()> {
    let [a, b, c, d] = *kernel.shape() else { return Ok(()) };
    if origin.is_keras1 && format == DataFormat::ChannelsFirst {
        let old = kernel.as_slice();
        let filters_last = (0..c * d).flat_map(|place| {
            (0..b).flat_map(move |channel| {
                (0..a).map(move |filter| old[(filter * b + channel) * c * d + place])
            })
        });
        *kernel = Tensor::new(&[c, d, b, a], filters_last.collect())?;
    }
    if origin.is_theano {
        let [_, _, channels, filters] = *kernel.shape() else { return Ok(()) };
        let places = kernel.as_slice().rchunks(channels.max(1) * filters.max(1));
        let turned = places.flatten().copied().collect();
        *kernel = Tensor::new(kernel.shape(), turned)?;
    }
    Ok(())
}

/// CuDNNLSTM has two biases, and its kernels lie otherwise, gate by gate.
fn convert_cudnn(weights: &mut [(String, Tensor)]) -> Result<()> {
    let [(_, kernel), (_, recurrent), (_, bias)] = weights else { return Ok(()) };
    let ([inputs, width], [units, _]) = (kernel.shape(), recurrent.shape()) else { return Ok(()) };
    let (inputs, width, units) = (*inputs, *width, *units);
    let is_cudnn = bias.shape() == [8 * units] && width == 4 * units && units > 0;
    if !is_cudnn || recurrent.shape() != [units, width] {
        return Ok(());
    }
    // The numbers of a gate's kernel, row by row, are those of its transpose.
    let at = |tensor: &Tensor, gate: usize, place: usize| {
        tensor.as_slice()[place / units * width + gate * units + place % units]
    };
    let turned = |tensor: &Tensor, rows: usize| {
        let columns = |row: usize| (0..width).map(move |column| (row, column));
        let numbers = (0..rows).flat_map(columns);
        let number = |(row, column)| at(tensor, column / units, column % units * rows + row);
        Tensor::new(&[rows, width], numbers.map(number).collect())
    };
    let (new_kernel, new_recurrent) = (turned(kernel, inputs)?, turned(recurrent, units)?);
    let (first, second) = bias.as_slice().split_at(width);
    let sum = first.iter().zip(second).map(|(a, b)| a + b).collect();
    *bias = Tensor::new(&[width], sum)?;
    (*kernel, *recurrent) = (new_kernel, new_recurrent);
    Ok(())
}
