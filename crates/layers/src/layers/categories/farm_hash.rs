//! FarmHash's Fingerprint64, by which TensorFlow sorts strings into bins.
//!
//! Source: Pike and Alakuijala, "FarmHash".

const K0: u64 = 0xc3a5_c85c_97cb_3127;
const K1: u64 = 0xb492_b66f_be98_f273;
const K2: u64 = 0x9ae1_6a3b_2f90_404f;

/// The fingerprint of these bytes.
pub(super) fn fingerprint(bytes: &[u8]) -> u64 {
    match bytes.len() {
        0..=16 => short(bytes),
        17..=32 => medium(bytes),
        33..=64 => long(bytes),
        _ => longer(bytes),
    }
}

/// The eight bytes from `at` on, zeros beyond the end.
fn word(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(array(bytes, at))
}

fn half(bytes: &[u8], at: usize) -> u64 {
    u64::from(u32::from_le_bytes(array(bytes, at)))
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    std::array::from_fn(|i| bytes.get(at + i).copied().unwrap_or(0))
}

fn mix(value: u64) -> u64 {
    value ^ (value >> 47)
}

fn joined(u: u64, v: u64, multiplier: u64) -> u64 {
    let a = mix((u ^ v).wrapping_mul(multiplier));
    mix((v ^ a).wrapping_mul(multiplier)).wrapping_mul(multiplier)
}

/// The multiplier of strings of that length.
fn multiplier(len: usize) -> u64 {
    K2.wrapping_add(2 * len as u64)
}

fn short(bytes: &[u8]) -> u64 {
    let len = bytes.len();
    let by = multiplier(len);
    match len {
        0 => K2,
        1..=3 => {
            let [a, b, c] = [0, len / 2, len - 1].map(|i| u64::from(bytes[i]));
            let (y, z) = (a + (b << 8), len as u64 + (c << 2));
            mix(y.wrapping_mul(K2) ^ z.wrapping_mul(K0)).wrapping_mul(K2)
        }
        4..=7 => joined(len as u64 + (half(bytes, 0) << 3), half(bytes, len - 4), by),
        _ => {
            let (a, b) = (word(bytes, 0).wrapping_add(K2), word(bytes, len - 8));
            let c = b.rotate_right(37).wrapping_mul(by).wrapping_add(a);
            let d = a.rotate_right(25).wrapping_add(b).wrapping_mul(by);
            joined(c, d, by)
        }
    }
}

fn medium(bytes: &[u8]) -> u64 {
    let len = bytes.len();
    let by = multiplier(len);
    let (a, b) = (word(bytes, 0).wrapping_mul(K1), word(bytes, 8));
    let (c, d) = (word(bytes, len - 8).wrapping_mul(by), word(bytes, len - 16).wrapping_mul(K2));
    joined(sum43(a, b, c, d), sum18(a, b, c), by)
}

fn sum43(a: u64, b: u64, c: u64, d: u64) -> u64 {
    let turned = a.wrapping_add(b).rotate_right(43);
    turned.wrapping_add(c.rotate_right(30)).wrapping_add(d)
}

fn sum18(a: u64, b: u64, c: u64) -> u64 {
    a.wrapping_add(b.wrapping_add(K2).rotate_right(18)).wrapping_add(c)
}

fn long(bytes: &[u8]) -> u64 {
    let len = bytes.len();
    let by = multiplier(len);
    let (a, b) = (word(bytes, 0).wrapping_mul(K2), word(bytes, 8));
    let (c, d) = (word(bytes, len - 8).wrapping_mul(by), word(bytes, len - 16).wrapping_mul(K2));
    let y = sum43(a, b, c, d);
    let z = joined(y, sum18(a, b, c), by);
    let (e, f) = (word(bytes, 16).wrapping_mul(by), word(bytes, 24));
    let g = y.wrapping_add(word(bytes, len - 32)).wrapping_mul(by);
    let h = z.wrapping_add(word(bytes, len - 24)).wrapping_mul(by);
    let last = e.wrapping_add(f.wrapping_add(a).rotate_right(18)).wrapping_add(g);
    joined(sum43(e, f, g, h), last, by)
}

/// What is carried from one block of 64 bytes to the next.
struct State {
    x: u64,
    y: u64,
    z: u64,
    v: (u64, u64),
    w: (u64, u64),
}

impl State {
    /// Takes in the block at `at`; the last one by another multiplier, and with more weight.
    fn take(&mut self, bytes: &[u8], at: usize, by: u64, weight: u64) {
        let read = |offset: usize| word(bytes, at + offset);
        let Self { x, y, z, v, w } = self;
        *x = x.wrapping_add(*y).wrapping_add(v.0).wrapping_add(read(8));
        *x = x.rotate_right(37).wrapping_mul(by);
        *y = y.wrapping_add(v.1).wrapping_add(read(48)).rotate_right(42).wrapping_mul(by);
        *x ^= w.1.wrapping_mul(weight);
        *y = y.wrapping_add(v.0.wrapping_mul(weight)).wrapping_add(read(40));
        *z = z.wrapping_add(w.0).rotate_right(33).wrapping_mul(by);
        *v = weak(bytes, at, v.1.wrapping_mul(by), x.wrapping_add(w.0));
        *w = weak(bytes, at + 32, z.wrapping_add(w.1), y.wrapping_add(read(16)));
        std::mem::swap(x, z);
    }
}

fn weak(bytes: &[u8], at: usize, a: u64, b: u64) -> (u64, u64) {
    let [w, x, y, z] = [0, 8, 16, 24].map(|offset| word(bytes, at + offset));
    let a = a.wrapping_add(w);
    let b = b.wrapping_add(a).wrapping_add(z).rotate_right(21);
    let sum = a.wrapping_add(x).wrapping_add(y);
    (sum.wrapping_add(z), b.wrapping_add(sum.rotate_right(44)).wrapping_add(a))
}

fn longer(bytes: &[u8]) -> u64 {
    const SEED: u64 = 81;
    let len = bytes.len();
    let y = SEED.wrapping_mul(K1).wrapping_add(113);
    let z = mix(y.wrapping_mul(K2).wrapping_add(113)).wrapping_mul(K2);
    let x = SEED.wrapping_mul(K2).wrapping_add(word(bytes, 0));
    let mut state = State { x, y, z, v: (0, 0), w: (0, 0) };
    for block in 0..(len - 1) / 64 {
        state.take(bytes, 64 * block, K1, 1);
    }
    let by = K1.wrapping_add((state.z & 0xff) << 1);
    state.w.0 = state.w.0.wrapping_add((len as u64 - 1) & 63);
    state.v.0 = state.v.0.wrapping_add(state.w.0);
    state.w.0 = state.w.0.wrapping_add(state.v.0);
    state.take(bytes, len - 64, by, 9);
    let State { x, y, z, v, w } = state;
    let first = joined(v.0, w.0, by).wrapping_add(mix(y).wrapping_mul(K0)).wrapping_add(z);
    joined(first, joined(v.1, w.1, by).wrapping_add(x), by)
}
