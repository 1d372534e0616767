//! SipHash-2-4, by which TensorFlow sorts strings into bins where there is a salt.
//!
//! Source: Aumasson and Bernstein 2012, "SipHash: a fast short-input PRF".

/// The hash of these bytes under that key.
pub(super) fn sip_hash([k0, k1]: [u64; 2], bytes: &[u8]) -> u64 {
    let mut v = [
        k0 ^ 0x736f_6d65_7073_6575,
        k1 ^ 0x646f_7261_6e64_6f6d,
        k0 ^ 0x6c79_6765_6e65_7261,
        k1 ^ 0x7465_6462_7974_6573,
    ];
    for chunk in 0..=bytes.len() / 8 {
        let byte = |i: usize| bytes.get(8 * chunk + i).copied().unwrap_or(0);
        let mut word = u64::from_le_bytes(std::array::from_fn(byte));
        if chunk == bytes.len() / 8 {
            word |= (bytes.len() as u64) << 56;
        }
        v[3] ^= word;
        (0..2).for_each(|_| round(&mut v));
        v[0] ^= word;
    }
    v[2] ^= 0xff;
    (0..4).for_each(|_| round(&mut v));
    v[0] ^ v[1] ^ v[2] ^ v[3]
}

fn round([a, b, c, d]: &mut [u64; 4]) {
    *a = a.wrapping_add(*b);
    *b = b.rotate_left(13) ^ *a;
    *a = a.rotate_left(32);
    *c = c.wrapping_add(*d);
    *d = d.rotate_left(16) ^ *c;
    *a = a.wrapping_add(*d);
    *d = d.rotate_left(21) ^ *a;
    *c = c.wrapping_add(*b);
    *b = b.rotate_left(17) ^ *c;
    *c = c.rotate_left(32);
}
