//! What StringLookup and IntegerLookup share: all but the type of their tokens.

/// The methods of a lookup whose tokens are `$Token`; `$read` takes the tokens out of a tensor, `$among` says which of
/// several numbers an unknown token has; `$shape` and `$write` say what holds tokens.
macro_rules! lookup {
    ($Layer:ident, $Token:ty, $read:expr, $among:expr, $shape:expr, $write:expr) => {
        impl $Layer {
            builders! { output_mode max_tokens num_oov_indices pad_to_max_tokens }

            /// Gives the vocabulary.
            #[must_use]
            pub fn vocabulary(
                mut self,
                vocabulary: impl IntoIterator<Item = impl Into<$Token>>,
            ) -> Self {
                self.vocabulary = Some(vocabulary.into_iter().map(Into::into).collect());
                self.vocabulary_size = self.counting().size();
                self
            }

            /// Gives the weight of each token of the vocabulary, for `OutputMode::TfIdf`.
            #[must_use]
            pub fn idf_weights(self, idf_weights: impl Into<Vec<f64>>) -> Self {
                Self { idf_weights: Some(idf_weights.into()), ..self }
            }

            /// Lets this token have the number 0, or in other forms than `Int` none.
            #[must_use]
            pub fn mask_token(mut self, mask_token: impl Into<$Token>) -> Self {
                self.mask_token = Some(mask_token.into());
                self.vocabulary_size = self.counting().size();
                self
            }

            /// Sets what stands for unknown tokens in a vocabulary.
            #[must_use]
            pub fn oov_token(self, oov_token: impl Into<$Token>) -> Self {
                Self { oov_token: Some(oov_token.into()), ..self }
            }

            /// Makes the hashes of unknown tokens others than everyone's, where they have several numbers.
            #[must_use]
            pub fn salt(self, salt: impl Into<Salt>) -> Self {
                Self { salt: Some(salt.into()), ..self }
            }

            /// The tokens in the order of their numbers: that for masks, those for unknown ones, the vocabulary;
            /// none before there is a vocabulary.
            pub fn get_vocabulary(&self) -> Vec<$Token> {
                let counting = self.counting();
                let Some(size) = counting.size() else { return Vec::new() };
                let ahead = size - counting.tokens().len();
                let unknown = std::iter::repeat_n(self.oov_token.clone().unwrap_or_default(), ahead);
                let mut all: Vec<$Token> = unknown.chain(counting.tokens().iter().cloned()).collect();
                let masked = self.output_mode == OutputMode::Int;
                if let (Some(mask), Some(first), true) = (&self.mask_token, all.first_mut(), masked) {
                    first.clone_from(mask);
                }
                all
            }

            /// Takes the tokens of some samples for its vocabulary, the commonest first, in place of earlier ones; of
            /// those that come as often, the later in the alphabet, as Keras has it.
            ///
            /// # Errors
            /// Without tokens.
            pub fn adapt(&mut self, samples: impl Into<Samples>) -> Result<()> {
                let samples = samples.into();
                let x = samples.read(0..samples.len())?;
                let tokens: Vec<$Token> = $read(&x)?;
                let each = shape_of(&x).get(1..).unwrap_or_default().iter().product::<usize>();
                let found = self.counting().found(tokens.chunks(each.max(1)))?;
                self.take(found);
                Ok(())
            }

            /// Makes the tokens of their numbers, the other way round.
            #[must_use]
            pub fn invert(self, invert: bool) -> Self {
                Self { invert, ..self }
            }

            /// The tokens of these numbers.
            fn tokens(&self, numbers: &[i64]) -> Result<Vec<$Token>> {
                let vocabulary = self.get_vocabulary();
                if vocabulary.is_empty() {
                    let message = "the layer has no vocabulary yet: give it that of the other";
                    return Err(Error::Model(message.into()));
                }
                let unknown = self.oov_token.clone().unwrap_or_default();
                let token = |number: &i64| {
                    let known = usize::try_from(*number).ok().and_then(|n| vocabulary.get(n));
                    known.unwrap_or(&unknown).clone()
                };
                Ok(numbers.iter().map(token).collect())
            }

            fn take(&mut self, (tokens, weights): (Vec<$Token>, Option<Vec<f64>>)) {
                self.vocabulary = Some(tokens);
                self.idf_weights = weights;
                self.vocabulary_size = self.counting().size();
                self.table = Some(self.counting().table());
            }

            pub(super) fn counting(&self) -> Counting<'_, $Token> {
                Counting {
                    max_tokens: self.max_tokens,
                    num_oov_indices: self.num_oov_indices,
                    mask_token: self.mask_token.as_ref(),
                    oov_token: self.oov_token.as_ref(),
                    output_mode: self.output_mode,
                    pad_to_max_tokens: self.pad_to_max_tokens,
                    vocabulary: self.vocabulary.as_deref(),
                    idf_weights: self.idf_weights.as_deref(),
                }
            }
        }

        impl Layer for $Layer {
            const CLASS_NAME: &'static str = stringify!($Layer);
            const READS_TEXT: bool = true;
            /// The shape of the input.
            type Saved = Vec<usize>;

            fn validate(&self) -> Result<()> {
                if self.invert && self.output_mode != OutputMode::Int {
                    let help = "tokens have no other form";
                    let expected = "\"int\", as `invert` is true";
                    let found = format!("{:?}", self.output_mode);
                    return Err(Error::argument("output_mode", expected, found).with_help(help));
                }
                if self.invert && self.oov_token.is_none() {
                    let expected = "a token for numbers that no other has, as `invert` is true";
                    return Err(Error::argument("oov_token", expected, "None"));
                }
                self.counting().validate()
            }

            fn output_shape(&self, input: &Shape) -> Result<Shape> {
                if self.invert {
                    return Ok($shape(input.clone()));
                }
                self.output_mode.shape(input, self.counting().depth())
            }

            fn build(&mut self, _: &Shape, _: &mut Rng) -> Result<()> {
                self.table = self.vocabulary.is_some().then(|| self.counting().table());
                Ok(())
            }

            fn forward(&self, x: Tensor, cx: &mut Context) -> Result<(Tensor, Option<Vec<usize>>)> {
                if self.invert {
                    let tokens = self.tokens(&integers(&x)?)?;
                    let y = $write(shape_of(&x), tokens, cx.is_training())?;
                    return Ok((y, cx.save(|| x.shape().to_vec())));
                }
                let counting = self.counting();
                let (Some(table), Some(depth)) = (&self.table, counting.depth()) else {
                    let message =
                        "the layer has no vocabulary yet: give it one, or call adapt with some data";
                    return Err(Error::Model(message.into()));
                };
                let number = |token: &$Token| {
                    counting.number(table, token, |several| $among(self, token, several))
                };
                let tokens: Vec<$Token> = $read(&x)?;
                let numbers: Vec<Option<usize>> = tokens.iter().map(number).collect::<Result<_>>()?;
                let weights = Some(&table.weights[..]);
                let y = self.output_mode.encode(&numbers, shape_of(&x), depth, weights)?;
                Ok((y, cx.save(|| x.shape().to_vec())))
            }

            fn backward(
                &self,
                shape: Vec<usize>,
                _: Tensor,
                _: &mut Gradients<'_>,
            ) -> Result<Option<Tensor>> {
                Ok(nothing(&shape))
            }
        }
    };
}

pub(super) use lookup;
