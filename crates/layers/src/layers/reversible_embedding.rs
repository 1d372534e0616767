//! ReversibleEmbedding: a vector for each word, and back from vectors to words.

use ceratops_core::{
    Arguments, Context, Error, Gradients, Layer, Mask, MultiLayer, Param, Result, Rng, Shape,
    Tensor, Tensors,
};
use ceratops_weights::{Constraint, Initializer, Regularizer};
use serde::{Deserialize, Serialize};

use super::{
    built,
    embedding::{Embedding, SavedEmbedding},
    rules::Rules,
    tail::{SavedTail, Tail},
};
use crate::{
    AnyActivation,
    kernels::{Matrix, MatrixMut, matmul, matmul_add},
};

/// y\[t\] = embeddings\[x\[t\]\], as an [`Embedding`]; called with `reverse=true`, y = x · embeddingsᵀ: from
/// vectors (batch, ..., output_dim) to a number for each word (batch, ..., input_dim).
///
/// Without `tie_weights` the way back has a matrix of its own. With `logit_soft_cap` its numbers stay within
/// this bound: cap · tanh(y / cap).
///
/// Weights: `embeddings` (input_dim, output_dim) and, unless they are tied, `reverse_embeddings` (output_dim,
/// input_dim).
///
/// ```
/// use ceratops_layers::{Dense, CallLayer, Input, Model, ReversibleEmbedding};
///
/// let words = Input::new([6]).tensor();
/// let embedding = ReversibleEmbedding::new(100, 8).shared();
/// let h = Dense::new(8).activation("tanh").call(&embedding.call(&words)?)?;
/// let model = Model::new([&words], [&embedding.argument("reverse", true).call(&h)?])?;
/// assert_eq!(model.predict([[3.0, 14.0, 15.0, 92.0, 65.0, 35.0]])?.shape(), [1, 6, 100]);
/// # Ok::<(), ceratops_core::Error>(())
/// ```
///
/// Source: Press and Wolf 2016, "Using the Output Embedding to Improve Language Models"; Keras,
/// `keras.layers.ReversibleEmbedding`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
pub struct ReversibleEmbedding {
    /// What an Embedding has too: `input_dim`, `output_dim`, what governs the embeddings, `mask_zero`.
    #[serde(flatten)]
    embedding: Embedding,
    /// Whether the way back goes by the embeddings themselves.
    pub tie_weights: bool,
    /// In which precision Keras goes back; here it is always single.
    pub reverse_dtype: Option<String>,
    /// A bound of what comes out of the way back.
    pub logit_soft_cap: Option<f32>,
    #[serde(skip)]
    reverse_embeddings: Option<Param>,
}

impl Default for ReversibleEmbedding {
    fn default() -> Self {
        Self {
            embedding: Embedding::default(),
            tie_weights: true,
            reverse_dtype: None,
            logit_soft_cap: None,
            reverse_embeddings: None,
        }
    }
}

impl std::ops::Deref for ReversibleEmbedding {
    type Target = Embedding;

    fn deref(&self) -> &Embedding {
        &self.embedding
    }
}

impl std::ops::DerefMut for ReversibleEmbedding {
    fn deref_mut(&mut self) -> &mut Embedding {
        &mut self.embedding
    }
}

impl ReversibleEmbedding {
    /// Vectors of `output_dim` numbers for the ids below `input_dim`.
    pub fn new(input_dim: usize, output_dim: usize) -> Self {
        Self { embedding: Embedding::new(input_dim, output_dim), ..Self::default() }
    }

    /// Sets the first values of the embeddings, and of the way back's own matrix.
    #[must_use]
    pub fn embeddings_initializer(mut self, initializer: impl Into<Initializer>) -> Self {
        self.embedding = self.embedding.embeddings_initializer(initializer);
        self
    }

    /// Takes the id 0 for no word, which the layers behind pass over; by default it is one like others.
    #[must_use]
    pub fn mask_zero(mut self, mask_zero: bool) -> Self {
        self.embedding.mask_zero = mask_zero;
        self
    }

    /// Goes back by the embeddings themselves (the default), or by a matrix of its own.
    #[must_use]
    pub fn tie_weights(self, tie_weights: bool) -> Self {
        Self { tie_weights, ..self }
    }

    /// Keeps what comes out of the way back within this bound.
    #[must_use]
    pub fn logit_soft_cap(self, logit_soft_cap: impl Into<Option<f32>>) -> Self {
        Self { logit_soft_cap: logit_soft_cap.into(), ..self }
    }

    /// The matrix of the way back, (output_dim, input_dim), and its place among the weights.
    fn kernel(&self) -> Result<(Matrix<'_>, usize)> {
        if let Some(own) = &self.reverse_embeddings {
            return Ok((Matrix::new(own.value().as_slice(), self.input_dim), 1));
        }
        let own = built(self.params().first().copied())?;
        Ok((Matrix::new(own.value().as_slice(), self.output_dim).transposed(), 0))
    }

    fn tail<'a>(&'a self, linear: &'a AnyActivation) -> Tail<'a> {
        Tail { activation: linear, regularizer: self.activity_regularizer.as_ref(), own: 2 }
    }

    /// cap · tanh(x · kernel / cap)
    fn back(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<Saved>)> {
        let (kernel, _) = self.kernel()?;
        let lead = match x.shape().split_last() {
            Some((last, lead)) if *last == self.output_dim => lead.to_vec(),
            _ => {
                let expected = format!("(batch, ..., {})", self.output_dim);
                return Err(Error::shape("input", expected, x.shape(), HELP));
            }
        };
        let mut y = Tensor::for_overwrite(&[&lead, &[self.input_dim][..]].concat());
        let rows = Matrix::new(x.as_slice(), self.output_dim);
        matmul(rows, kernel, MatrixMut::new(y.as_mut_slice(), self.input_dim));
        y = y.flushed();
        let mut tanh = None;
        if let Some(cap) = self.logit_soft_cap {
            let squashed = y.map(move |y| (y / cap).tanh());
            tanh = cx.save(|| squashed.clone());
            y = squashed.map(move |y| y * cap);
        }
        let (y, tail) = self.tail(&AnyActivation::default()).forward(y, cx)?;
        Ok((y, tail.map(|tail| Saved::Back(SavedBack { x, tanh, tail }))))
    }
}

const HELP: &str = "called in reverse it takes vectors as long as it gives";

/// What the gradient needs of either way.
#[derive(Debug)]
pub enum Saved {
    /// From ids to vectors.
    There(SavedEmbedding),
    /// From vectors to words.
    Back(SavedBack),
}

/// The vectors, what tanh gave, and what the penalty on the output keeps.
#[derive(Debug)]
pub struct SavedBack {
    x: Tensor,
    tanh: Option<Tensor>,
    tail: SavedTail,
}

impl MultiLayer for ReversibleEmbedding {
    const CLASS_NAME: &'static str = "ReversibleEmbedding";
    const ARGUMENTS: &'static [&'static str] = &["reverse"];
    type Saved = Saved;

    fn validate(&self) -> Result<()> {
        if let Some(cap) = self.logit_soft_cap.filter(|cap| !(cap.is_finite() && *cap > 0.0)) {
            return Err(Error::argument("logit_soft_cap", "a positive number, or None", cap));
        }
        Layer::validate(&self.embedding)
    }

    fn output_shapes(&self, inputs: &[Shape]) -> Result<Vec<Shape>> {
        MultiLayer::output_shapes(&self.embedding, inputs)
    }

    fn shapes_of_call(&self, inputs: &[Shape], arguments: &Arguments) -> Result<Vec<Shape>> {
        let ([input], true) = (inputs, arguments.is_true("reverse")) else {
            return self.output_shapes(arguments.split(inputs).0);
        };
        if input.ndim() < 2 || input.last().is_some_and(|last| last != self.output_dim) {
            let (what, found) = ("input".into(), input.to_string());
            let expected = format!("(batch, ..., {})", self.output_dim);
            return Err(Error::Shape { what, expected, found, help: HELP.into() });
        }
        Ok(vec![input.with_axis(input.ndim() - 1, Some(self.input_dim))])
    }

    fn build_all(&mut self, inputs: &[Shape], rng: &mut Rng) -> Result<()> {
        MultiLayer::build_all(&mut self.embedding, inputs, rng)?;
        self.reverse_embeddings = None;
        if !self.tie_weights {
            let rules = Rules::new(&self.embedding.embeddings_initializer, &NONE.0, &NONE.1);
            let shape = [self.output_dim, self.input_dim];
            self.reverse_embeddings = Some(rules.weight("reverse_embeddings", &shape, rng)?);
        }
        Ok(())
    }

    fn forward_all(&self, xs: Tensors, cx: &mut Context) -> Result<(Tensors, Option<Saved>)> {
        let x = xs.single()?;
        let (y, saved) = match cx.arguments().is_true("reverse") {
            true => self.back(x, cx)?,
            false => {
                let (y, saved) = Layer::forward(&self.embedding, x, cx)?;
                (y, saved.map(Saved::There))
            }
        };
        Ok((y.into(), saved))
    }

    fn backward_all(
        &self,
        saved: Saved,
        dys: Vec<Option<Tensor>>,
        dw: &mut Gradients<'_>,
    ) -> Result<Vec<Option<Tensor>>> {
        let Some(dy) = dys.into_iter().next().flatten() else { return Ok(vec![None]) };
        let SavedBack { x, tanh, tail } = match saved {
            Saved::There(saved) => return Ok(vec![self.embedding.backward(saved, dy, dw)?]),
            Saved::Back(saved) => saved,
        };
        let mut dz = self.tail(&AnyActivation::default()).backward(tail, dy, dw)?;
        if let Some(tanh) = tanh {
            // dy/dz = 1 - tanh²
            dz = dz.zip_map(&tanh, |dy, tanh| dy * (1.0 - tanh * tanh))?;
        }
        let (kernel, place) = self.kernel()?;
        let (words, len) = (self.input_dim, self.output_dim);
        if let Some(dkernel) = dw.get(place) {
            let (x, dz) = (Matrix::new(x.as_slice(), len), Matrix::new(dz.as_slice(), words));
            match place {
                // dL/dembeddings = dzᵀ · x
                0 => matmul_add(dz.transposed(), x, MatrixMut::new(dkernel.as_mut_slice(), len)),
                // dL/dreverse_embeddings = xᵀ · dz
                _ => matmul_add(x.transposed(), dz, MatrixMut::new(dkernel.as_mut_slice(), words)),
            }
        }
        if !dw.wants_dx() {
            return Ok(vec![None]);
        }
        // dL/dx = dz · kernelᵀ
        let mut dx = Tensor::for_overwrite(x.shape());
        let dz = Matrix::new(dz.as_slice(), words);
        matmul(dz, kernel.transposed(), MatrixMut::new(dx.as_mut_slice(), len));
        Ok(vec![Some(dx)])
    }

    fn masks_of_call(
        &self,
        xs: &[Tensor],
        masks: &[Option<Mask>],
        arguments: &Arguments,
    ) -> Result<Vec<Option<Mask>>> {
        match arguments.is_true("reverse") {
            true => Ok(Vec::new()),
            false => MultiLayer::output_masks(&self.embedding, xs, masks),
        }
    }

    fn makes_mask(&self) -> bool {
        MultiLayer::makes_mask(&self.embedding)
    }

    fn params(&self) -> Vec<&Param> {
        Layer::params(&self.embedding).into_iter().chain(&self.reverse_embeddings).collect()
    }

    fn params_mut(&mut self) -> Vec<&mut Param> {
        let own = Layer::params_mut(&mut self.embedding).into_iter();
        own.chain(&mut self.reverse_embeddings).collect()
    }
}

/// The matrix of the way back has neither penalty nor condition.
const NONE: (Option<Regularizer>, Option<Constraint>) = (None, None);
