//! KerasTensor: a tensor without numbers, which stands for what a layer will put out.

use std::{
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use ceratops_core::{Result, Shape};

use crate::{Node, model::Manner};

/// A tensor without numbers: it stands for an input of a model, or for what a layer puts out when it
/// is called on others. [`Model::new`](crate::Model::new) makes a model of them.
///
/// ```
/// use ceratops_layers::{CallLayer, Dense, Input};
///
/// let x = Input::new([4]).tensor();
/// let y = Dense::new(3).call(&x)?;
/// assert_eq!(y.shape().to_string(), "(None, 3)");
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// `+`, `-` and `*` of two of them, by reference, call [`Add`](crate::Add),
/// [`Subtract`](crate::Subtract) and [`Multiply`](crate::Multiply): `(&x + &y)?`.
///
/// Source: Keras, `keras.KerasTensor`.
#[derive(Clone)]
pub struct KerasTensor {
    pub(super) made: Arc<Made>,
    /// Which output of the call it is.
    pub(super) index: usize,
}

/// A call of a layer on tensors.
pub(super) struct Made {
    pub(super) layer: Arc<Cell>,
    pub(super) inputs: Vec<KerasTensor>,
    pub(super) shapes: Vec<Shape>,
    pub(super) manner: Manner,
    /// Calls are numbered in the order in which they are made.
    pub(super) number: u64,
}

/// A layer that is called, once or several times.
pub(crate) struct Cell {
    node: Mutex<Node>,
    /// The shapes of the inputs of its first call.
    first: OnceLock<Vec<Shape>>,
    /// Layers are numbered in the order in which they are first called.
    pub(super) number: u64,
}

impl Cell {
    pub(crate) fn new(node: Node) -> Arc<Self> {
        Arc::new(Self { node: Mutex::new(node), first: OnceLock::new(), number: next_number() })
    }

    /// The layer. (What a thread that panicked left is whole: layers are cloned out of here only.)
    pub(super) fn node(&self) -> MutexGuard<'_, Node> {
        self.node.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Numbers in increasing order. Nothing but the order of layers in a model follows from them.
fn next_number() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

impl KerasTensor {
    /// The tensor that an input layer stands for.
    pub(super) fn input(node: Node, shape: Shape) -> Self {
        let made = Made {
            layer: Cell::new(node),
            inputs: Vec::new(),
            shapes: vec![shape],
            manner: Manner::default(),
            number: next_number(),
        };
        Self { made: Arc::new(made), index: 0 }
    }

    /// The outputs of a layer called on `inputs`, behind which the tensors among the arguments stand.
    pub(crate) fn call(layer: &Arc<Cell>, inputs: Vec<Self>, manner: Manner) -> Result<Vec<Self>> {
        let mut shapes: Vec<Shape> = inputs.iter().map(|input| input.shape().clone()).collect();
        let outputs = layer.node().called_on(&shapes, manner.arguments())?;
        shapes.truncate(manner.arguments().split(&shapes).0.len());
        let first = layer.first.get_or_init(|| shapes.clone());
        if *first != shapes {
            layer.node().called_again(first, &shapes)?;
        }
        let shapes = outputs;
        let count = shapes.len();
        let (layer, number) = (Arc::clone(layer), next_number());
        let made = Arc::new(Made { layer, inputs, shapes, manner, number });
        Ok((0..count).map(|index| Self { made: Arc::clone(&made), index }).collect())
    }

    /// The shape, batch first.
    pub fn shape(&self) -> &Shape {
        &self.made.shapes[self.index]
    }

    /// Whether it stands for an input of a model.
    pub(super) fn is_input(&self) -> bool {
        self.made.inputs.is_empty() && self.made.layer.node().class_name() == "InputLayer"
    }
}

impl fmt::Debug for KerasTensor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let node = self.made.layer.node();
        let name = node.name.as_deref().unwrap_or(node.class_name());
        write!(f, "<KerasTensor of {name}, shape={}>", self.shape())
    }
}

/// The calls before are dropped one after another, not one within the other: ten thousand in a row
/// would need as many frames of the stack.
impl Drop for Made {
    fn drop(&mut self) {
        let mut waiting = std::mem::take(&mut self.inputs);
        while let Some(tensor) = waiting.pop() {
            if let Some(mut made) = Arc::into_inner(tensor.made) {
                waiting.append(&mut made.inputs);
            }
        }
    }
}
