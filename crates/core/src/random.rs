//! Random numbers: the same from the same seed on every machine, others for each purpose.

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{RngCore, SeedableRng},
};

use crate::{Error, Result};

/// The source of random numbers: ChaCha with eight rounds, the same on every machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rng {
    numbers: ChaCha8Rng,
    blank: bool,
    /// How many weights may still be made.
    left: u64,
}

impl Rng {
    /// A generator that asks for zeros in place of random weights, because others will take their
    /// place at once, such as those of a file: initializers leave the memory untouched.
    pub fn blank() -> Self {
        Self { blank: true, ..Self::from_seed([0; 32]) }
    }

    /// The same generator for at most so many numbers of weights: a model of which nobody knows how
    /// large it is can be built, or refused, before memory is asked for.
    #[must_use]
    pub fn within(self, most: u64) -> Self {
        Self { left: most, ..self }
    }

    /// Notes that a weight of that shape is made.
    ///
    /// # Errors
    /// If there would be more numbers than [`Rng::within`] allows.
    pub fn count(&mut self, shape: &[usize]) -> Result<()> {
        let numbers = shape.iter().try_fold(1u64, |all, &len| all.checked_mul(len as u64));
        match numbers.and_then(|numbers| self.left.checked_sub(numbers)) {
            Some(left) => self.left = left,
            None => {
                let left = std::mem::take(&mut self.left);
                let expected = format!("a weight of at most {left} numbers");
                return Err(Error::argument("shape", expected, format!("{shape:?}")));
            }
        }
        Ok(())
    }

    /// Whether a weight was refused.
    pub fn is_used_up(&self) -> bool {
        self.left == 0
    }

    /// Goes on with another of the 2⁶⁴ streams of numbers that its seed has.
    pub fn set_stream(&mut self, stream: u64) {
        self.numbers.set_stream(stream);
    }

    /// Whether it is [`Rng::blank`].
    pub fn is_blank(&self) -> bool {
        self.blank
    }
}

impl SeedableRng for Rng {
    type Seed = [u8; 32];

    fn from_seed(seed: Self::Seed) -> Self {
        Self { numbers: ChaCha8Rng::from_seed(seed), blank: false, left: u64::MAX }
    }
}

impl RngCore for Rng {
    fn next_u32(&mut self) -> u32 {
        self.numbers.next_u32()
    }

    fn next_u64(&mut self) -> u64 {
        self.numbers.next_u64()
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        self.numbers.fill_bytes(bytes);
    }
}

/// A generator for purposes of your own, such as building a layer by hand.
///
/// ```
/// use ceratops_core::{Result, Rng, rng};
///
/// let (mut a, mut b, mut c) = (rng(7), rng(7), rng(8));
/// assert_eq!(a, b);
/// assert_ne!(a, c);
/// # let _: [&mut Rng; 3] = [&mut a, &mut b, &mut c];
/// ```
pub fn rng(seed: u64) -> Rng {
    Purpose::Own.rng(seed)
}

/// What random numbers are drawn for. No two purposes share numbers, whatever the seeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The caller's own.
    Own,
    /// The first weights of the layer at this place in its model.
    Weights {
        /// The place, counted from 0.
        layer: u64,
    },
    /// The order of the samples in this epoch.
    Shuffle {
        /// The epoch, counted from 0.
        epoch: u64,
    },
    /// An initializer that has a seed of its own.
    Initializer,
    /// What a layer draws while it runs, such as the mask of Dropout.
    Layer {
        /// The number of the update.
        step: u64,
        /// The part of the batch.
        chunk: u64,
        /// How often layers have drawn in this run; less than 2⁵⁶.
        draw: u64,
    },
}

impl Purpose {
    /// The generator for this purpose and `seed`.
    pub fn rng(self, seed: u64) -> Rng {
        let (tag, [a, b, c]) = match self {
            Self::Own => (0, [0; 3]),
            Self::Weights { layer } => (1, [layer, 0, 0]),
            Self::Shuffle { epoch } => (2, [epoch, 0, 0]),
            Self::Initializer => (3, [0; 3]),
            Self::Layer { step, chunk, draw } => (4, [step, chunk, draw]),
        };
        // The key is the purpose itself, word by word: other keys, other numbers.
        let mut key = [0; 32];
        for (bytes, word) in key.chunks_exact_mut(8).zip([seed, a, b, (tag << 56) | c]) {
            bytes.copy_from_slice(&u64::to_le_bytes(word));
        }
        Rng::from_seed(key)
    }
}
