//! Weights that mean the same in other conventions: Keras 1, Theano, CuDNN.
//!
//! Source: Keras 2, `preprocess_weights_for_loading` in `hdf5_format.py`.

use ceratops_core::{Error, Result, Tensor};
use ceratops_layers::{
    Bidirectional, Conv1D, Conv2D, Conv2DTranspose, Conv3D, DataFormat, Model, Node,
};

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
        let kernels = layers.iter().any(|l| l.weights.iter().any(|(_, w)| w.ndim() > 2));
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
        nested || turns_kernels(node)
    };
    model.layers().iter().any(of_node)
}

/// The classes of the layers that walk over a sequence: the layer's own, or those within it.
fn walkers(node: &Node) -> Vec<&'static str> {
    match node.downcast_ref::<Bidirectional>() {
        Some(both) => both.layers().map(|layer| layer.class_name()).collect(),
        None => vec![node.class_name()],
    }
}

/// In which order Keras 1 had the gates of a class, each with its kernel, its recurrent kernel and its
/// bias; here they stand as i, f, c, o and as z, r, h.
fn gates_of_keras1(class_name: &str) -> Option<&'static [usize]> {
    match class_name {
        "LSTM" => Some(&[0, 2, 1, 3]),
        "GRU" => Some(&[0, 1, 2]),
        _ => None,
    }
}

/// Whether Theano's kernels of this layer are turned; Keras 2 says so of these classes alone.
fn turns_kernels(node: &Node) -> bool {
    node.downcast_ref::<Conv1D>().is_some()
        || node.downcast_ref::<Conv2D>().is_some()
        || node.downcast_ref::<Conv3D>().is_some()
        || node.downcast_ref::<Conv2DTranspose>().is_some()
}

/// The weights of an LSTM or a GRU of Keras 1, which had twelve arrays or nine, as those of later
/// versions: three.
pub(super) fn gathered(node: &Node, layer: &LayerWeights) -> Result<Option<LayerWeights>> {
    let Some(walkers) = walkers(node).into_iter().map(gates_of_keras1).collect::<Option<Vec<_>>>()
    else {
        return Ok(None);
    };
    let count: usize = walkers.iter().map(|gates| 3 * gates.len()).sum();
    if layer.weights.len() != count {
        return Ok(None);
    }
    let (mut weights, mut start) = (Vec::new(), 0);
    for gates in walkers {
        for (part, name) in ["kernel", "recurrent_kernel", "bias"].into_iter().enumerate() {
            let array = |gate: &usize| &layer.weights[start + 3 * gate + part].1;
            let parts: Vec<&Tensor> = gates.iter().map(array).collect();
            let tensor = side_by_side(&parts).ok_or_else(|| {
                let names = listed(layer.weights.iter().map(|(name, _)| name.as_str()));
                Error::Data(format!("the gates of \"{}\" differ in shape ({names})", layer.layer))
            })?;
            weights.push((format!("{}/{name}", layer.layer), tensor));
        }
        start += 3 * gates.len();
    }
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
    } else if let (true, [(_, kernel), ..]) = (turns_kernels(node), &mut *weights) {
        convert_kernel(node, kernel, origin)?;
    } else {
        // Only these have two biases in one array.
        let walkers = walkers(node);
        let each = weights.len() / walkers.len().max(1);
        let parts = weights.chunks_exact_mut(each.max(1)).zip(walkers);
        for (part, gates) in parts.filter_map(|(part, class)| Some((part, gates_of_keras1(class)?)))
        {
            convert_cudnn(part, gates.len())?;
        }
    }
    Ok(())
}

fn convert_kernel(node: &Node, kernel: &mut Tensor, origin: Origin) -> Result<()> {
    if origin.is_keras1 {
        if let Some(order) = keras1_order(node, kernel.shape()) {
            *kernel = kernel.permuted(order)?;
        }
        // The kernel of a Conv1D was an image's of one column.
        if let (Some(_), &[steps, 1, channels, filters]) =
            (node.downcast_ref::<Conv1D>(), kernel.shape())
        {
            *kernel = kernel.clone().reshape(&[steps, channels, filters])?;
        }
    }
    if let (true, [.., channels, filters]) = (origin.is_theano, kernel.shape()) {
        let places = kernel.as_slice().rchunks(channels.max(&1) * filters.max(&1));
        let turned = places.flatten().copied().collect();
        *kernel = Tensor::new(kernel.shape(), turned)?;
    }
    Ok(())
}

/// Where the axes of today stood in a kernel of Keras 1, if elsewhere.
fn keras1_order(node: &Node, shape: &[usize]) -> Option<&'static [usize]> {
    let first = |format| format == DataFormat::ChannelsFirst;
    let order: &[usize] = if let Some(layer) = node.downcast_ref::<Conv1D>() {
        let steps = layer.kernel_size.lengths().first()?;
        // Before Keras 1.1: (filters, channels, steps, 1).
        let is_new = shape.starts_with(&[*steps, 1]) && shape.last() == Some(&layer.filters);
        (!is_new).then_some(&[2, 3, 1, 0])?
    } else if let Some(layer) = node.downcast_ref::<Conv2DTranspose>() {
        // The kernel of the convolution whose gradient it is.
        if first(layer.data_format) { &[2, 3, 0, 1] } else { &[0, 1, 3, 2] }
    } else if let Some(layer) = node.downcast_ref::<Conv3D>() {
        first(layer.data_format).then_some(&[2, 3, 4, 1, 0])?
    } else {
        let layer = node.downcast_ref::<Conv2D>()?;
        first(layer.data_format).then_some(&[2, 3, 1, 0])?
    };
    (shape.len() == order.len()).then_some(order)
}

/// CuDNNLSTM and CuDNNGRU have two biases, and their kernels lie otherwise, gate by gate.
fn convert_cudnn(weights: &mut [(String, Tensor)], gates: usize) -> Result<()> {
    let [(_, kernel), (_, recurrent), (_, bias)] = weights else { return Ok(()) };
    let ([inputs, width], [units, _]) = (kernel.shape(), recurrent.shape()) else { return Ok(()) };
    let (inputs, width, units) = (*inputs, *width, *units);
    let is_cudnn = bias.shape() == [2 * width] && width == gates * units && units > 0;
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
    if gates == 3 {
        // A GRU keeps the second one apart: r is applied to it.
        *bias = bias.clone().reshape(&[2, width])?;
    } else {
        let (first, second) = bias.as_slice().split_at(width);
        let sum = first.iter().zip(second).map(|(a, b)| a + b).collect();
        *bias = Tensor::new(&[width], sum)?;
    }
    (*kernel, *recurrent) = (new_kernel, new_recurrent);
    Ok(())
}

#[cfg(test)]
mod tests {
    use ceratops_layers::Input;

    use super::*;

    /// The kernel of Keras 1 with the numbers 0, 1, 2, ... as today's.
    fn today(layer: impl Into<Node>, shape: &[usize], is_theano: bool) -> Tensor {
        let numbers = (0..shape.iter().product()).map(|i: usize| i as f32).collect();
        let mut weights = [("k".to_owned(), Tensor::new(shape, numbers).unwrap())];
        convert(&layer.into(), &mut weights, Origin { is_keras1: true, is_theano }).unwrap();
        weights[0].1.clone()
    }

    /// As `preprocess_weights_for_loading` of Keras 2 has it.
    #[test]
    fn kernels_of_keras_1_have_other_axes() {
        let first = DataFormat::ChannelsFirst;
        let line = today(Conv1D::new(2, 4), &[4, 1, 3, 2], false);
        assert_eq!(
            (line.shape(), line.as_slice()[..3].to_vec()),
            (&[4, 3, 2][..], vec![0.0, 1.0, 2.0])
        );
        let older = today(Conv1D::new(2, 4), &[2, 3, 4, 1], false);
        assert_eq!(
            (older.shape(), older.as_slice()[..3].to_vec()),
            (&[4, 3, 2][..], vec![0.0, 12.0, 4.0])
        );
        let back = today(Conv2DTranspose::new(2, [1, 1]), &[1, 1, 3, 2], false);
        assert_eq!(
            (back.shape(), back.as_slice()[..3].to_vec()),
            (&[1, 1, 2, 3][..], vec![0.0, 2.0, 4.0])
        );
        let layer = Conv2DTranspose::new(2, [1, 4]).data_format(first);
        let back = today(layer, &[2, 3, 1, 4], false);
        assert_eq!(
            (back.shape(), back.as_slice()[..3].to_vec()),
            (&[1, 4, 2, 3][..], vec![0.0, 4.0, 8.0])
        );
        let layer = Conv3D::new(2, [1, 1, 4]).data_format(first);
        let volume = today(layer, &[2, 3, 1, 1, 4], false);
        assert_eq!(volume.shape(), [1, 1, 4, 3, 2]);
        assert_eq!(volume.as_slice()[..3], [0.0, 12.0, 4.0]);
        let kept = today(Input::new([3]), &[2, 2], true);
        assert_eq!(kept.as_slice(), [0.0, 1.0, 2.0, 3.0]);
    }

    #[test]
    fn theano_turns_the_taps() {
        let line = today(Conv1D::new(1, 3), &[3, 1, 2, 1], true);
        assert_eq!(line.as_slice(), [4.0, 5.0, 2.0, 3.0, 0.0, 1.0]);
    }
}
