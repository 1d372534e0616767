//! What bytes a text is: UTF-8, or the UTF-16 that a shell of Windows writes.

use ceratops_core::{Error, Result};

/// The text of `bytes`, without the byte order mark in front of it.
pub(super) fn decode(bytes: &[u8]) -> Result<String> {
    let read: fn([u8; 2]) -> u16 = match *bytes {
        [0xff, 0xfe, ..] => u16::from_le_bytes,
        [0xfe, 0xff, ..] => u16::from_be_bytes,
        // JSON begins with two characters of ASCII.
        [first, 0, ..] if first != 0 => u16::from_le_bytes,
        [0, first, ..] if first != 0 => u16::from_be_bytes,
        _ => return utf8(bytes),
    };
    let (pairs, []) = bytes.as_chunks::<2>() else {
        return Err(Error::Data("not text: UTF-16 has an even number of bytes".into()));
    };
    let units: Vec<u16> = pairs.iter().map(|pair| read(*pair)).collect();
    let text = String::from_utf16(&units).map_err(|e| Error::Data(format!("not text: {e}")))?;
    Ok(text.trim_start_matches('\u{feff}').to_owned())
}

fn utf8(bytes: &[u8]) -> Result<String> {
    let text = str::from_utf8(bytes).map_err(|e| Error::Data(format!("not text: {e}")))?;
    Ok(text.trim_start_matches('\u{feff}').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_encodings_give_the_same_text() {
        let text = "{\"name\": \"Größe\"}";
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let marked = |mark: &[u8], bytes: &[u8]| [mark, bytes].concat();
        for bytes in [
            text.as_bytes().to_vec(),
            marked(b"\xef\xbb\xbf", text.as_bytes()),
            marked(b"\xff\xfe", &little),
            marked(b"\xfe\xff", &big),
            little.clone(),
            big,
        ] {
            assert_eq!(decode(&bytes).unwrap(), text, "{bytes:?}");
        }
        assert!(decode(&little[..little.len() - 1]).is_err());
        assert!(decode(b"\xff\xfe\x00\xd8").is_err());
    }
}
