//! Embedding: a vector for each word.

use ceratops_core::{
    Context, Error, Gradients, LARGEST_INDEX, Layer, Mask, Param, Result, Rng, Shape, Tensor, index,
};
use ceratops_weights::{Constraint, Initializer, Regularizer};
use serde::{Deserialize, Serialize};

use super::{
    built,
    rules::Rules,
    tail::{SavedTail, Tail},
};
use crate::AnyActivation;

/// y\[t\] = embeddings\[x\[t\]\]: from ids (batch, ...) to vectors (batch, ..., output_dim).
///
/// Ids are whole numbers from 0 to `input_dim` - 1; others are refused. With `mask_zero`, the id 0 says
/// that there is nothing: the layers behind pass over these steps.
///
/// Weights: `embeddings` (input_dim, output_dim).
///
/// ```
/// use ceratops_layers::{Embedding, Input, sequential};
///
/// let model = sequential![Input::new([None]), Embedding::new(1000, 8)]?;
/// assert_eq!(model.predict([[3.0, 14.0, 15.0, 9.0]])?.shape(), [1, 4, 8]);
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Of the embeddings only the rows that were looked up get a gradient, the ids get none. (Keras takes -1
/// for the last row, and cuts 1.7 to 1.)
///
/// Source: Bengio et al. 2003, "A Neural Probabilistic Language Model"; Keras,
/// `keras.layers.Embedding`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
pub struct Embedding {
    /// How many ids there are.
    pub input_dim: usize,
    /// How long a vector is.
    pub output_dim: usize,
    /// The first values of the embeddings; uniform from -0.05 to 0.05 by default.
    pub embeddings_initializer: Initializer,
    /// A penalty on the embeddings.
    pub embeddings_regularizer: Option<Regularizer>,
    /// A penalty on the output, divided by the number of samples.
    pub activity_regularizer: Option<Regularizer>,
    /// A condition on the embeddings.
    pub embeddings_constraint: Option<Constraint>,
    /// Whether the id 0 stands for no word at all.
    pub mask_zero: bool,
    #[serde(skip)]
    embeddings: Option<Param>,
}

impl Default for Embedding {
    fn default() -> Self {
        Self {
            input_dim: 0,
            output_dim: 0,
            embeddings_initializer: "uniform".into(),
            embeddings_regularizer: None,
            activity_regularizer: None,
            embeddings_constraint: None,
            mask_zero: false,
            embeddings: None,
        }
    }
}

impl Embedding {
    /// Vectors of `output_dim` numbers for the ids below `input_dim`.
    pub fn new(input_dim: usize, output_dim: usize) -> Self {
        Self { input_dim, output_dim, ..Self::default() }
    }

    builders! {
        embeddings_initializer embeddings_regularizer activity_regularizer embeddings_constraint
    }

    /// Takes the id 0 for no word, which the layers behind pass over; by default it is one like others.
    #[must_use]
    pub fn mask_zero(self, mask_zero: bool) -> Self {
        Self { mask_zero, ..self }
    }

    fn rules(&self) -> Rules<'_> {
        let Self { embeddings_initializer: initializer, embeddings_regularizer, .. } = self;
        Rules::new(initializer, embeddings_regularizer, &self.embeddings_constraint)
    }

    /// The penalty on the output, behind which no activation stands.
    fn tail<'a>(&'a self, linear: &'a AnyActivation) -> Tail<'a> {
        Tail { activation: linear, regularizer: self.activity_regularizer.as_ref(), own: 1 }
    }

    /// The row of an id.
    fn row(&self, id: f32) -> Result<usize> {
        index(id).filter(|row| *row < self.input_dim).ok_or_else(|| {
            let last = self.input_dim.saturating_sub(1);
            Error::argument("input", format!("whole numbers from 0 to {last}"), id)
                .with_help("input_dim is the largest id + 1")
        })
    }
}

/// What the gradient needs: the ids, and what the penalty on the output keeps.
#[derive(Debug)]
pub struct SavedEmbedding {
    ids: Tensor,
    tail: SavedTail,
}

impl Layer for Embedding {
    const CLASS_NAME: &'static str = "Embedding";
    type Saved = SavedEmbedding;

    fn validate(&self) -> Result<()> {
        if self.input_dim == 0 || self.input_dim > LARGEST_INDEX {
            let expected = format!("a positive integer of at most {LARGEST_INDEX}");
            return Err(Error::argument("input_dim", expected, self.input_dim)
                .with_help("ids are f32 here, which tells no more integers apart"));
        }
        if self.output_dim == 0 {
            return Err(Error::argument("output_dim", "a positive integer", self.output_dim));
        }
        self.tail(&AnyActivation::default()).validate()?;
        self.rules().validate()
    }

    fn output_shape(&self, input: &Shape) -> Result<Shape> {
        Ok([input.axes(), &[Some(self.output_dim)]].concat().into())
    }

    fn build(&mut self, _: &Shape, rng: &mut Rng) -> Result<()> {
        let shape = [self.input_dim, self.output_dim];
        self.embeddings = Some(self.rules().weight("embeddings", &shape, rng)?);
        Ok(())
    }

    fn forward(&self, ids: Tensor, cx: &mut Context) -> Result<(Tensor, Option<SavedEmbedding>)> {
        let embeddings = built(self.embeddings.as_ref())?.value().as_slice();
        let len = self.output_dim;
        let mut y = Tensor::for_overwrite(&[ids.shape(), &[len]].concat());
        for (id, y) in ids.as_slice().iter().zip(y.as_mut_slice().chunks_exact_mut(len)) {
            y.copy_from_slice(&embeddings[self.row(*id)? * len..][..len]);
        }
        let (y, tail) = self.tail(&AnyActivation::default()).forward(y, cx)?;
        Ok((y, tail.map(|tail| SavedEmbedding { ids, tail })))
    }

    fn backward(
        &self,
        SavedEmbedding { ids, tail }: SavedEmbedding,
        dy: Tensor,
        dw: &mut Gradients<'_>,
    ) -> Result<Option<Tensor>> {
        let dy = self.tail(&AnyActivation::default()).backward(tail, dy, dw)?;
        let len = self.output_dim;
        if let Some(rows) = dw.get(0) {
            let rows = rows.as_mut_slice();
            for (id, dy) in ids.as_slice().iter().zip(dy.as_slice().chunks_exact(len)) {
                let row = &mut rows[self.row(*id)? * len..][..len];
                row.iter_mut().zip(dy).for_each(|(row, dy)| *row += dy);
            }
        }
        // Another id is another word, however near.
        Ok(dw.wants_dx().then(|| Tensor::zeros(ids.shape())))
    }

    fn output_mask(&self, ids: &Tensor, _: Option<&Mask>) -> Result<Option<Mask>> {
        Ok(self.mask_zero.then(|| Mask::from(ids.clone())))
    }

    fn makes_mask(&self) -> bool {
        self.mask_zero
    }

    fn params(&self) -> Vec<&Param> {
        self.embeddings.iter().collect()
    }

    fn params_mut(&mut self) -> Vec<&mut Param> {
        self.embeddings.iter_mut().collect()
    }
}
