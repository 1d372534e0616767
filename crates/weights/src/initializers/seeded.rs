//! `seed`, which every initializer that draws its numbers has.

use super::{
    GlorotNormal, GlorotUniform, HeNormal, HeUniform, LecunNormal, LecunUniform, Orthogonal,
    RandomNormal, RandomUniform, TruncatedNormal, VarianceScaling,
};

macro_rules! seeded {
    ($($Class:ident),+ $(,)?) => {$(
        impl $Class {
            /// Draws the same numbers every time.
            #[must_use]
            pub fn seed(mut self, seed: i64) -> Self {
                self.seed = Some(seed);
                self
            }
        }
    )+};
}

seeded![
    GlorotNormal,
    GlorotUniform,
    HeNormal,
    HeUniform,
    LecunNormal,
    LecunUniform,
    Orthogonal,
    RandomNormal,
    RandomUniform,
    TruncatedNormal,
    VarianceScaling,
];
