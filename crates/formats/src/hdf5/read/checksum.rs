//! The check sums of HDF5: Jenkins' "lookup3" over what describes, Fletcher's over chunks.

/// Bob Jenkins' `hashlittle` of 2006, begun with 0, which stands behind every structure of newer files.
pub(super) fn lookup3(bytes: &[u8]) -> u32 {
    let begun = 0xdead_beef_u32.wrapping_add(bytes.len() as u32);
    let mut state = [begun; 3];
    let mut rest = bytes;
    while rest.len() > 12 {
        let (block, others) = rest.split_at(12);
        add(&mut state, block);
        mix(&mut state);
        rest = others;
    }
    if !rest.is_empty() {
        add(&mut state, rest);
        finish(&mut state);
    }
    state[2]
}

/// Adds up to twelve bytes, four to each number; zeros stand for those that are missing.
fn add(state: &mut [u32; 3], bytes: &[u8]) {
    for (number, part) in state.iter_mut().zip(bytes.chunks(4)) {
        let word = part.iter().rev().fold(0, |word, &byte| word << 8 | u32::from(byte));
        *number = number.wrapping_add(word);
    }
}

fn mix([a, b, c]: &mut [u32; 3]) {
    *a = a.wrapping_sub(*c) ^ c.rotate_left(4);
    *c = c.wrapping_add(*b);
    *b = b.wrapping_sub(*a) ^ a.rotate_left(6);
    *a = a.wrapping_add(*c);
    *c = c.wrapping_sub(*b) ^ b.rotate_left(8);
    *b = b.wrapping_add(*a);
    *a = a.wrapping_sub(*c) ^ c.rotate_left(16);
    *c = c.wrapping_add(*b);
    *b = b.wrapping_sub(*a) ^ a.rotate_left(19);
    *a = a.wrapping_add(*c);
    *c = c.wrapping_sub(*b) ^ b.rotate_left(4);
    *b = b.wrapping_add(*a);
}

fn finish([a, b, c]: &mut [u32; 3]) {
    *c = (*c ^ *b).wrapping_sub(b.rotate_left(14));
    *a = (*a ^ *c).wrapping_sub(c.rotate_left(11));
    *b = (*b ^ *a).wrapping_sub(a.rotate_left(25));
    *c = (*c ^ *b).wrapping_sub(b.rotate_left(16));
    *a = (*a ^ *c).wrapping_sub(c.rotate_left(4));
    *b = (*b ^ *a).wrapping_sub(a.rotate_left(14));
    *c = (*c ^ *b).wrapping_sub(b.rotate_left(24));
}

/// Fletcher's sum of the bytes, taken as big-endian numbers of 16 bits.
pub(super) fn fletcher32(bytes: &[u8]) -> u32 {
    // So many numbers can be added before the second sum leaves 32 bits.
    const AT_ONCE: usize = 2 * 360;
    let fold = |sum: u32| (sum & 0xffff) + (sum >> 16);
    let (mut first, mut second) = (0u32, 0u32);
    for part in bytes.chunks(AT_ONCE) {
        for pair in part.chunks(2) {
            let low = pair.get(1).copied().unwrap_or(0);
            first += u32::from(pair[0]) << 8 | u32::from(low);
            second += first;
        }
        (first, second) = (fold(first), fold(second));
    }
    fold(second) << 16 | fold(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The values of the author's own program, `driver5` of lookup3.c.
    #[test]
    fn lookup3_is_that_of_its_author() {
        assert_eq!(lookup3(b""), 0xdead_beef);
        assert_eq!(lookup3(b"Four score and seven years ago"), 0x1777_0551);
    }

    /// The values of the encyclopaedia's article, of the other order of bytes in a number.
    #[test]
    fn fletcher_is_that_of_the_article() {
        assert_eq!(fletcher32(b"badcfe"), 0x5650_2d2a);
        assert_eq!(fletcher32(b"badcfehg"), 0xebe1_9591);
        assert_eq!(fletcher32(&[0; 4000]), 0);
    }
}
