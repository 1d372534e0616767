//! Winograd's transforms F(4, 3) along one axis, and their gradients (transposes).
//!
//! They evaluate polynomials at 0, ±a, ±b and infinity with a = 2/3 and b = 3/2. With these
//! points the error in f32 is a quarter of that with the usual 0, ±1, ±2 and infinity.

use pulp::Simd;

const A: f32 = 2.0 / 3.0;
const B: f32 = 3.0 / 2.0;
const A2: f32 = 4.0 / 9.0;
const B2: f32 = 9.0 / 4.0;
const A3: f32 = 8.0 / 27.0;
const B3: f32 = 27.0 / 8.0;
/// a² + b²; and ab = 1, which leaves ab² = b and a²b = a.
const C: f32 = 97.0 / 36.0;
/// 1 / (2a²(a² - b²)): the kernel's scale at ±a; at 0 it is 1 / (a²b²) = 1.
const AT_A: f32 = -81.0 / 130.0;
/// 1 / (2b²(b² - a²)): its scale at ±b.
const AT_B: f32 = 8.0 / 65.0;

/// A linear map from `N` to `M` numbers, of vectors of channels.
pub(super) trait Transform<const N: usize, const M: usize>: Copy {
    fn apply<S: Simd>(self, simd: S, from: [S::f32s; N]) -> [S::f32s; M];
}

/// Bᵀ: from 6 neighbours in the image.
#[derive(Debug, Clone, Copy)]
pub(super) struct Input;

impl Transform<6, 6> for Input {
    #[inline(always)]
    fn apply<S: Simd>(self, simd: S, d: [S::f32s; 6]) -> [S::f32s; 6] {
        let v = Arithmetic(simd);
        let (even_a, odd_a) = (v.less(d[4], B2, d[2]), v.less(v.times(A, d[3]), B, d[1]));
        let (even_b, odd_b) = (v.less(d[4], A2, d[2]), v.less(v.times(B, d[3]), A, d[1]));
        [
            v.less(v.plus(d[0], d[4]), C, d[2]),
            v.plus(even_a, odd_a),
            v.minus(even_a, odd_a),
            v.plus(even_b, odd_b),
            v.minus(even_b, odd_b),
            v.less(v.plus(d[1], d[5]), C, d[3]),
        ]
    }
}

/// B: back to 6 neighbours in the image.
#[derive(Debug, Clone, Copy)]
pub(super) struct InputGradient;

impl Transform<6, 6> for InputGradient {
    #[inline(always)]
    fn apply<S: Simd>(self, simd: S, d: [S::f32s; 6]) -> [S::f32s; 6] {
        let v = Arithmetic(simd);
        let (even_a, odd_a) = (v.plus(d[1], d[2]), v.minus(d[1], d[2]));
        let (even_b, odd_b) = (v.plus(d[3], d[4]), v.minus(d[3], d[4]));
        let even = v.less(v.less(v.times(-C, d[0]), B2, even_a), A2, even_b);
        [
            d[0],
            v.less(v.less(d[5], B, odd_a), A, odd_b),
            even,
            v.more(v.more(v.times(-C, d[5]), A, odd_a), B, odd_b),
            v.plus(d[0], v.plus(even_a, even_b)),
            d[5],
        ]
    }
}

/// Aᵀ: to 4 neighbours of the output.
#[derive(Debug, Clone, Copy)]
pub(super) struct Output;

impl Transform<6, 4> for Output {
    #[inline(always)]
    fn apply<S: Simd>(self, simd: S, m: [S::f32s; 6]) -> [S::f32s; 4] {
        let v = Arithmetic(simd);
        let (even_a, odd_a) = (v.plus(m[1], m[2]), v.minus(m[1], m[2]));
        let (even_b, odd_b) = (v.plus(m[3], m[4]), v.minus(m[3], m[4]));
        [
            v.plus(m[0], v.plus(even_a, even_b)),
            v.more(v.times(A, odd_a), B, odd_b),
            v.more(v.times(A2, even_a), B2, even_b),
            v.more(v.more(m[5], A3, odd_a), B3, odd_b),
        ]
    }
}

/// A: from 4 neighbours of the output's gradient.
#[derive(Debug, Clone, Copy)]
pub(super) struct OutputGradient;

impl Transform<4, 6> for OutputGradient {
    #[inline(always)]
    fn apply<S: Simd>(self, simd: S, y: [S::f32s; 4]) -> [S::f32s; 6] {
        let v = Arithmetic(simd);
        let (even_a, odd_a) = (v.more(y[0], A2, y[2]), v.more(v.times(A, y[1]), A3, y[3]));
        let (even_b, odd_b) = (v.more(y[0], B2, y[2]), v.more(v.times(B, y[1]), B3, y[3]));
        [
            y[0],
            v.plus(even_a, odd_a),
            v.minus(even_a, odd_a),
            v.plus(even_b, odd_b),
            v.minus(even_b, odd_b),
            y[3],
        ]
    }
}

/// G: from 3 neighbours of the kernel.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kernel;

impl Transform<3, 6> for Kernel {
    #[inline(always)]
    fn apply<S: Simd>(self, simd: S, g: [S::f32s; 3]) -> [S::f32s; 6] {
        let v = Arithmetic(simd);
        let (even_a, odd_a) = (v.times(AT_A, v.more(g[0], A2, g[2])), v.times(AT_A * A, g[1]));
        let (even_b, odd_b) = (v.times(AT_B, v.more(g[0], B2, g[2])), v.times(AT_B * B, g[1]));
        [
            g[0],
            v.plus(even_a, odd_a),
            v.minus(even_a, odd_a),
            v.plus(even_b, odd_b),
            v.minus(even_b, odd_b),
            g[2],
        ]
    }
}

/// Gᵀ: back to 3 neighbours of the kernel.
#[derive(Debug, Clone, Copy)]
pub(super) struct KernelGradient;

impl Transform<6, 3> for KernelGradient {
    #[inline(always)]
    fn apply<S: Simd>(self, simd: S, d: [S::f32s; 6]) -> [S::f32s; 3] {
        let v = Arithmetic(simd);
        let (even_a, odd_a) = (v.plus(d[1], d[2]), v.minus(d[1], d[2]));
        let (even_b, odd_b) = (v.plus(d[3], d[4]), v.minus(d[3], d[4]));
        [
            v.more(v.more(d[0], AT_A, even_a), AT_B, even_b),
            v.more(v.times(AT_A * A, odd_a), AT_B * B, odd_b),
            v.more(v.more(d[5], AT_A * A2, even_a), AT_B * B2, even_b),
        ]
    }
}

/// Arithmetic with vectors that reads like formulas.
#[derive(Debug, Clone, Copy)]
struct Arithmetic<S>(S);

impl<S: Simd> Arithmetic<S> {
    #[inline(always)]
    fn plus(self, x: S::f32s, y: S::f32s) -> S::f32s {
        self.0.add_f32s(x, y)
    }

    #[inline(always)]
    fn minus(self, x: S::f32s, y: S::f32s) -> S::f32s {
        self.0.sub_f32s(x, y)
    }

    #[inline(always)]
    fn times(self, factor: f32, x: S::f32s) -> S::f32s {
        self.0.mul_f32s(self.0.splat_f32s(factor), x)
    }

    /// x + factor · y
    #[inline(always)]
    fn more(self, x: S::f32s, factor: f32, y: S::f32s) -> S::f32s {
        self.0.mul_add_e_f32s(self.0.splat_f32s(factor), y, x)
    }

    /// x - factor · y
    #[inline(always)]
    fn less(self, x: S::f32s, factor: f32, y: S::f32s) -> S::f32s {
        self.more(x, -factor, y)
    }
}
