//! CRC-32C, and how TensorFlow masks it.

/// The polynomial of Castagnoli, its bits in reverse.
const POLYNOMIAL: u32 = 0x82f6_3b78;

/// The remainder of each byte.
const TABLE: [u32; 256] = table();

const fn table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let (mut rest, mut bit) = (byte as u32, 0);
        while bit < 8 {
            rest = if rest & 1 == 1 { (rest >> 1) ^ POLYNOMIAL } else { rest >> 1 };
            bit += 1;
        }
        table[byte] = rest;
        byte += 1;
    }
    table
}

fn crc(bytes: &[u8]) -> u32 {
    let step = |rest: u32, byte: &u8| {
        let [low, ..] = rest.to_le_bytes();
        TABLE[usize::from(low ^ byte)] ^ (rest >> 8)
    };
    !bytes.iter().fold(!0, step)
}

/// The sum that stands behind bytes which may themselves hold such sums.
pub(super) fn masked(bytes: &[u8]) -> u32 {
    crc(bytes).rotate_right(15).wrapping_add(0xa282_ead8)
}

#[cfg(test)]
mod tests {
    use super::{crc, masked};

    /// The examples of RFC 3720, appendix B.4, and the word that tables of sums go by.
    #[test]
    fn known_answers() {
        let (up, down): (Vec<u8>, Vec<u8>) = ((0..32).collect(), (0..32).rev().collect());
        assert_eq!(crc(&[0; 32]), 0x8a91_36aa);
        assert_eq!(crc(&[0xff; 32]), 0x62a8_ab43);
        assert_eq!(crc(&up), 0x46dd_794e);
        assert_eq!(crc(&down), 0x113f_db5c);
        assert_eq!(crc(b"123456789"), 0xe306_9283);
        assert_eq!(crc(b""), 0);
    }

    /// What stands behind the length of the first record of every file of events, 24 bytes.
    #[test]
    fn the_mask_of_tensorflow() {
        assert_eq!(masked(&24_u64.to_le_bytes()), 0x224b_7fa3);
    }
}
